//! `/etc/passwd`, `/etc/group` and their shadow files as text. No account has a password.

/// The accounts of a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Added to those every Debian system has.
    pub added: Vec<Account>,
}

/// One account with a group of its own, of the same name and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// User and group id.
    pub id: u32,
    /// Home directory, absolute. Not made by us.
    pub home: String,
    /// Login shell, absolute.
    pub shell: String,
}

/// The text of the four files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AccountFiles {
    pub(super) passwd: String,
    pub(super) group: String,
    pub(super) shadow: String,
    pub(super) gshadow: String,
}

/// Used where the package base-passwd is not part of the root: the accounts that files and
/// programs commonly name. Numbers are base-passwd's, which never change.
const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

const GROUP: &str = "\
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
mail:x:8:
www-data:x:33:
shadow:x:42:
utmp:x:43:
staff:x:50:
users:x:100:
nogroup:x:65534:
";

impl Accounts {
    /// The account applications run as: `app`, 1000, home `/app`.
    pub fn standard() -> Accounts {
        Accounts {
            added: vec![Account {
                name: "app".to_owned(),
                id: 1000,
                home: "/app".to_owned(),
                shell: "/bin/bash".to_owned(),
            }],
        }
    }

    /// The files, from base-passwd's masters where they are given. `has_bash` tells whether
    /// shells named `/bin/bash` are there; `/bin/sh` takes their place otherwise.
    pub(super) fn files(&self, passwd: Option<&str>, group: Option<&str>, has_bash: bool) -> AccountFiles {
        // The masters have `*` for the password, which dpkg's tools turn into `x` with a shadow.
        let mut passwd = masked(passwd.unwrap_or(PASSWD));
        let mut group = masked(group.unwrap_or(GROUP));
        for account in &self.added {
            let Account { name, id, home, shell } = account;
            passwd.push_str(&format!("{name}:x:{id}:{id}:{name}:{home}:{shell}\n"));
            group.push_str(&format!("{name}:x:{id}:\n"));
        }
        if !has_bash {
            passwd = passwd.replace(":/bin/bash\n", ":/bin/sh\n");
        }
        // An empty day of the last change switches ageing off; a real one would be a clock.
        let locked = |text: &str, tail: &str| {
            let names = text.lines().filter_map(|line| line.split(':').next());
            names.map(|name| format!("{name}:*{tail}\n")).collect::<String>()
        };
        AccountFiles { shadow: locked(&passwd, ":::::::"), gshadow: locked(&group, "::"), passwd, group }
    }
}

fn masked(text: &str) -> String {
    let mut masked = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut fields: Vec<&str> = line.split(':').collect();
        if fields.len() > 1 {
            fields[1] = "x";
        }
        masked.push_str(&fields.join(":"));
        masked.push('\n');
    }
    masked
}
