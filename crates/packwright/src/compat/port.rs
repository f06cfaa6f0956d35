//! `PORT` in an image in the place of Nixpacks' or Railpack's, which has none unless somebody says it: an application that
//! takes another port without the variable, as platforms expect it of those builders, must find none.

use packwright_engine::planner::{Command, Plan};

/// The variable.
pub(super) const PORT: &str = "PORT";

/// Takes the port that nobody said out of the image. Lines for the shell that name it get it as what stands for a
/// missing one.
pub(super) fn leave_to_commands(plan: &mut Plan) {
    let Some(port) = plan.environment.remove(PORT) else { return };
    plan.port = None;
    for process in &mut plan.processes {
        if let Command::Shell(line) = &process.command {
            process.command = Command::Shell(with_default(line, &port.value));
        }
    }
}

/// The line with `${PORT:-8080}` for each `$PORT` and `${PORT}`, but for those that are escaped.
fn with_default(line: &str, port: &str) -> String {
    let mut made = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        made.push_str(before);
        let escaped = before.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1;
        let bare = from
            .strip_prefix("$PORT")
            .filter(|after| !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'));
        rest = match bare.or_else(|| from.strip_prefix("${PORT}")).filter(|_| !escaped) {
            Some(after) => {
                made.push_str(&format!("${{PORT:-{port}}}"));
                after
            }
            None => {
                made.push('$');
                &from[1..]
            }
        };
    }
    made + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_names_the_port_has_a_default() {
        for (line, made) in [
            ("gunicorn --bind 0.0.0.0:$PORT a:b", "gunicorn --bind 0.0.0.0:${PORT:-8080} a:b"),
            ("serve ${PORT} $PORT", "serve ${PORT:-8080} ${PORT:-8080}"),
            (
                "serve ${PORT:-3000} $PORTAL $PORT_2 \\$PORT $$",
                "serve ${PORT:-3000} $PORTAL $PORT_2 \\$PORT $$",
            ),
            ("node index.js", "node index.js"),
        ] {
            assert_eq!(with_default(line, "8080"), made);
        }
    }
}
