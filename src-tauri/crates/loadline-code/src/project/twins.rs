//! What files of a project say, planted once beside a healthy twin of the same file: each is told as it is.

use super::{Piece, matters, pieces};

/// What a file says, in words; empty: nothing.
fn said(path: &str, text: &str) -> String {
    let word = |p: &Piece| match p {
        Piece::Image(i) => format!(
            "{}, {}, {}",
            if i.pinned { "pinned" } else { "moving" },
            if i.root { "root" } else { "a user" },
            if i.health_check { "health" } else { "no health" }
        ),
        Piece::Pipeline { runs_tests } => if *runs_tests { "tests" } else { "no tests" }.to_owned(),
        Piece::Owners(o) => format!("{} rules, {} errors", o.rules.len(), o.errors),
        Piece::Document { what, .. } => (*what).to_owned(),
        Piece::Infrastructure(tool) | Piece::LoadTest(tool) => (*tool).to_owned(),
        Piece::LoadLimit(tool) => format!("{tool} with limits"),
        Piece::Speed(speed) => format!("{} runs", speed.tool),
        Piece::Lock(of) => format!("lock {of}"),
        Piece::Manifest { ecosystem, names } => format!("{ecosystem} asks for {}", names.len()),
        Piece::Runtime(_) => String::new(),
        Piece::Migration(lines) => {
            let lines: Vec<String> = lines.iter().map(|d| d.line.to_string()).collect();
            if lines.is_empty() { "adds".to_owned() } else { format!("destroys in {}", lines.join(", ")) }
        }
    };
    let told: Vec<String> = pieces(path, text).iter().map(word).filter(|w| !w.is_empty()).collect();
    told.join("; ")
}

/// File, the smell, what is said of it, the same done well, what is said of that.
type Twin = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(twins: &[Twin]) {
    let mut wrong = Vec::new();
    for (path, bad, of_bad, good, of_good) in twins {
        for (text, expected) in [(bad, of_bad), (good, of_good)] {
            let found = said(path, text);
            if found != *expected {
                wrong.push(format!("{path}: {found:?} and not {expected:?} of\n{text}"));
            }
        }
        assert!(matters(path) || (of_bad.is_empty() && of_good.is_empty()), "{path} is not opened");
        assert_ne!(of_bad, of_good, "{path}: twins that say the same prove nothing");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn images() {
    check(&[
        (
            "Dockerfile",
            "FROM node:latest\nCOPY . .\nCMD node x\n",
            "moving, root, no health",
            "FROM node:22.3-slim\nUSER node\nHEALTHCHECK CMD curl -f localhost\nCMD node x\n",
            "pinned, a user, health",
        ),
        (
            "web/Containerfile",
            "FROM nginx\nUSER root\nHEALTHCHECK NONE\n",
            "moving, root, no health",
            "FROM nginxinc/nginx-unprivileged:1.27\nUSER 101\nHEALTHCHECK --interval=5s \\\n  CMD curl x\n",
            "pinned, a user, health",
        ),
        (
            "api.Dockerfile",
            "FROM golang:1.26 AS build\nUSER app\nFROM alpine:edge\nCOPY --from=build /x /x\n",
            "moving, root, no health",
            "ARG GO=1.26\nFROM golang:${GO} AS build\nFROM gcr.io/distroless/static@sha256:00\nUSER 65532:65532\n",
            "pinned, a user, no health",
        ),
    ]);
}

#[test]
fn pipelines_with_and_without_tests() {
    check(&[
        (
            ".github/workflows/ci.yml",
            "jobs:\n  a:\n    steps:\n      - name: Run pytest\n        run: pip install pytest\n      # - run: pytest\n",
            "no tests",
            "jobs:\n  a:\n    steps:\n      - name: Tests\n        run: |\n          pip install pytest\n          pytest -q\n",
            "tests",
        ),
        (
            ".gitlab-ci.yml",
            "test:\n  stage: test\n  script:\n    - npm run lint\n",
            "no tests",
            "test:\n  stage: test\n  script:\n    - npm ci\n    - npm run test:unit\n",
            "tests",
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  build:\n    steps:\n      - restore_cache:\n          key: jest-cache\n      - run: npm run build\n",
            "no tests",
            "jobs:\n  build:\n    steps:\n      - run:\n          name: Specs\n          command: bundle exec rspec\n",
            "tests",
        ),
        (
            "Jenkinsfile",
            "pipeline { stages { stage('Test') { steps {\n  // sh 'mvn test'\n  sh 'mvn -B package -DskipTests'\n} } } }\n",
            "no tests",
            "pipeline { stages { stage('Build') { steps {\n  sh 'mvn -B clean verify'\n} } } }\n",
            "tests",
        ),
        (
            "bitbucket-pipelines.yml",
            "pipelines:\n  default:\n    - step:\n        name: Test\n        script:\n          - composer install\n",
            "no tests",
            "pipelines:\n  default:\n    - step:\n        script:\n          - composer install\n          - vendor/bin/phpunit\n",
            "tests",
        ),
    ]);
}

#[test]
fn migrations_that_destroy_and_that_add() {
    check(&[
        (
            "db/migrate/20260101_x.rb",
            "class X < ActiveRecord::Migration[8.0]\n  def change\n    remove_column :users, :name\n  end\nend\n",
            "destroys in 3",
            "class X < ActiveRecord::Migration[8.0]\n  def up\n    add_column :users, :name, :string\n  end\n  def down\n    remove_column :users, :name\n  end\nend\n",
            "adds",
        ),
        (
            "shop/migrations/0002_x.py",
            "operations = [\n    migrations.RemoveField(model_name='user', name='name'),\n    migrations.DeleteModel(name='Cart'),\n]\n",
            "destroys in 2, 3",
            "operations = [\n    migrations.AddField(model_name='user', name='name', field=models.TextField()),\n    migrations.RunSQL('CREATE VIEW v', reverse_sql='DROP TABLE v'),\n]\n",
            "adds",
        ),
        (
            "alembic/versions/1a2b_x.py",
            "def upgrade() -> None:\n    with op.batch_alter_table('a') as batch_op:\n        batch_op.drop_column('b')\n",
            "destroys in 3",
            "def upgrade() -> None:\n    op.add_column('a', sa.Column('b'))\n\ndef downgrade() -> None:\n    op.drop_column('a', 'b')\n",
            "adds",
        ),
        (
            "src/main/resources/db/migration/V2__x.sql",
            "ALTER TABLE a\n    DROP b;\nTRUNCATE c;\n",
            "destroys in 2, 3",
            "-- DROP TABLE a is for later\nALTER TABLE a ADD b int; -- no DROP COLUMN\nALTER TABLE a DROP CONSTRAINT c;\n",
            "adds",
        ),
        (
            "prisma/migrations/20260101000000_x/migration.sql",
            "/*\n  Warnings:\n\n  - You are about to drop the column `name` on the `User` table.\n*/\n-- AlterTable\nALTER TABLE \"User\" DROP COLUMN \"name\";\n",
            "destroys in 7",
            "-- AlterTable\nALTER TABLE \"User\" ADD COLUMN \"name\" TEXT;\n",
            "adds",
        ),
        (
            "migrations/20260101_x.ts",
            "export async function up(knex: Knex) {\n  await knex.schema.alterTable('a', (t) => t.dropColumn('b'));\n}\nexport async function down(knex: Knex) {}\n",
            "destroys in 2",
            "export async function up(knex: Knex) {\n  await knex.schema.createTable('a', (t) => t.increments());\n}\nexport async function down(knex: Knex) {\n  await knex.schema.dropTable('a');\n}\n",
            "adds",
        ),
        (
            "migrations/20260101_y.js",
            "exports.up = (knex) => knex.schema.dropTableIfExists('a');\nexports.down = () => null;\n",
            "destroys in 1",
            "exports.up = (knex) => knex.schema.createTable('a', (t) => t.increments());\nexports.down = (knex) => knex.schema.dropTable('a');\n",
            "adds",
        ),
    ]);
}

#[test]
fn owners() {
    check(&[
        (
            "CODEOWNERS",
            "* ann\n/src/ @acme/core\n",
            "2 rules, 1 errors",
            "* @acme/all ann@acme.io\n",
            "1 rules, 0 errors",
        ),
        (
            ".github/CODEOWNERS",
            "docs/my\\ page.md bo\n",
            "1 rules, 1 errors",
            "docs/my\\ page.md @bo # the page\n",
            "1 rules, 0 errors",
        ),
        (
            ".gitlab/CODEOWNERS",
            "[Docs]\ndocs/ acme\n",
            "1 rules, 1 errors",
            "^[Docs][2] @acme/docs\ndocs/\n",
            "1 rules, 0 errors",
        ),
        (
            ".bitbucket/CODEOWNERS",
            "[Docs] @acme/docs\n!src/gen/ @acme/core\n*.[ch] @acme/c\n*.py core\n",
            "1 rules, 4 errors",
            "* individual@example.com # all\n*.py @ann @acme/reviewers:random(2)\n",
            "2 rules, 0 errors",
        ),
    ]);
}

/// What is there, and a file beside it that is something else.
#[test]
fn what_a_path_alone_says() {
    let found = |path: &str, expected: &str| assert_eq!(said(path, ""), expected, "{path}");
    for (there, what, elsewhere) in [
        ("docs/runbooks/db.md", "runbook", "docs/guides/db.md"),
        ("RUNBOOK.md", "runbook", "README.md"),
        ("ops/playbooks/failover.adoc", "runbook", "docs/runbooks/README.md"),
        ("docs/adr/0001-use-x.md", "decision_record", "docs/adr/0000-template.md"),
        ("doc/architecture/decisions/0002-y.md", "decision_record", "doc/architecture/overview.md"),
        ("docs/adr-003.rst", "decision_record", "docs/adrenaline.rst"),
        ("infra/main.tf", "terraform", "infra/main.txt"),
        ("infra/main.tf.json", "terraform", "infra/main.json"),
        ("live/terragrunt.hcl", "terragrunt", "live/config.hcl"),
        ("Pulumi.yaml", "pulumi", "pulumi.txt"),
        ("cdk.json", "cdk", "cdk.js"),
        ("cdktf.json", "cdktf", "tf.json"),
        ("samconfig.toml", "sam", "config.toml"),
        ("ansible.cfg", "ansible", "setup.cfg"),
        ("serverless.yml", "serverless", "server.yml"),
        ("charts/web/Chart.yaml", "helm", "charts/web/values.yaml"),
        ("overlays/live/kustomization.yaml", "kustomize", "overlays/live/patch.yaml"),
        ("main.bicep", "bicep", "main.json"),
        ("k8s/web.yaml", "kubernetes", "web.yaml"),
    ] {
        found(there, what);
        found(elsewhere, "");
    }
}

/// Each ecosystem's manifest asks for something, and each of its lock files answers for the same ecosystem.
#[test]
fn locks_belong_to_their_manifests() {
    let manifests: [(&str, &str, &str, &[&str]); 6] = [
        (
            "package.json",
            "{\"dependencies\": {\"express\": \"4\"}}",
            "npm",
            &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"],
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"django\"]\n",
            "python",
            &["poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock"],
        ),
        ("Cargo.toml", "[dependencies]\nserde = \"1\"\n", "cargo", &["Cargo.lock"]),
        ("go.mod", "require github.com/a/b v1.0.0\n", "go", &["go.sum"]),
        ("Gemfile", "gem 'rails'\n", "ruby", &["Gemfile.lock"]),
        ("composer.json", "{\"require\": {\"a/b\": \"1\"}}", "composer", &["composer.lock"]),
    ];
    for (path, text, ecosystem, locks) in manifests {
        assert_eq!(said(path, text), format!("{ecosystem} asks for 1"), "{path} alone locks nothing");
        for lock in locks {
            assert_eq!(said(lock, ""), format!("lock {ecosystem}"), "{lock}");
            assert_eq!(said(&format!("web/{lock}"), ""), format!("lock {ecosystem}"), "{lock} in a folder");
        }
    }
    assert_eq!(
        said("requirements.txt", "django==5.0\n"),
        "lock python; python asks for 1",
        "exact versions are a lock"
    );
    assert_eq!(said("requirements.txt", "django>=5\n"), "python asks for 1");
}
