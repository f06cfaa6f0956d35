//! Which commands are Node's, and what they do: install, change a database, or anything else. Chooses nothing.

use packwright_buildpack::declared::Commands;
use packwright_buildpack::planner::CommandKind;

/// The commands of Node. Packages that bring package managers are installers: the plan's own steps
/// have the one that is needed.
const COMMANDS: Commands = Commands {
    programs: &[
        "npm", "npx", "yarn", "pnpm", "pnpx", "bun", "bunx", "node", "corepack", "turbo", "nx", "next",
        "vite", "tsc",
    ],
    prepares: &[&["corepack"]],
    installs: &[
        &["npm", "install"],
        &["npm", "ci"],
        &["npm", "i"],
        &["npm", "clean-install"],
        &["yarn", "install"],
        &["yarn", "--immutable"],
        &["yarn", "--frozen-lockfile"],
        &["pnpm", "install"],
        &["pnpm", "i"],
        &["bun", "install"],
        &["bun", "i"],
    ],
    installs_alone: &["yarn"],
    installers: &["npm", "yarn", "pnpm", "bun", "corepack", "node", "n", "nvm"],
    migrators: &[
        "prisma",
        "knex",
        "sequelize",
        "sequelize-cli",
        "typeorm",
        "drizzle-kit",
        "node-pg-migrate",
        "payload",
        "mikro-orm",
        "medusa",
    ],
    migrations: &[
        &["prisma", "migrate", "deploy"],
        &["prisma", "db", "push"],
        &["knex", "migrate:latest"],
        &["sequelize", "db:migrate"],
        &["sequelize-cli", "db:migrate"],
        &["typeorm", "migration:run"],
        &["drizzle-kit", "migrate"],
        &["drizzle-kit", "push"],
        &["node-pg-migrate", "up"],
        &["payload", "migrate"],
        &["mikro-orm", "migration:up"],
        &["medusa", "db:migrate"],
    ],
    ..Commands::NONE
};

/// What a simple command is to Node, by its words.
pub(crate) fn classify(words: &[String]) -> Option<CommandKind> {
    COMMANDS.classify(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(line: &str) -> Option<CommandKind> {
        classify(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_that_install_what_manifests_name_are_known() {
        for line in [
            "npm ci",
            "npm install",
            "npm --prefer-offline ci",
            "npm i --legacy-peer-deps",
            "npm install -g pnpm@9",
            "yarn",
            "yarn install --frozen-lockfile",
            "yarn --immutable",
            "pnpm install --frozen-lockfile",
            "bun install",
            "corepack enable",
        ] {
            assert_eq!(is(line), Some(CommandKind::Installs), "{line}");
        }
    }

    #[test]
    fn others_run_or_release_or_are_nobodys() {
        for line in [
            "npm run build",
            "npm install -g sass",
            "yarn build",
            "npx tsc",
            "node build.js",
            "pnpm -r build",
        ] {
            assert_eq!(is(line), Some(CommandKind::Runs), "{line}");
        }
        for line in [
            "npx prisma migrate deploy",
            "prisma migrate deploy",
            "npx knex migrate:latest",
            "payload migrate",
        ] {
            assert_eq!(is(line), Some(CommandKind::Releases), "{line}");
        }
        for line in ["pip install x", "echo npm ci", "make"] {
            assert_eq!(is(line), None, "{line}");
        }
    }
}
