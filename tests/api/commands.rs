//! The commands of the program.

mod demo;

use crate::support::process::{Installation, SECRET, Server, mode};
use crate::support::{PASSWORD, empty_postgres};
use serde_json::{Value, json};

const OWNER: &str = "owner@accord.example";

async fn a_supplier(server: &Server, name: &str) -> String {
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let (status, body) = owner.post("/v1/suppliers", &json!({"kind": "company", "name": name})).await;
    assert_eq!(status, 201, "{body}");
    body["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn the_first_start_makes_what_is_missing_and_says_what_to_do() {
    let place = Installation::new();
    let server = place.serve();
    let base = server.base.clone();
    assert!(base.starts_with("http://127.0.0.1:") && !base.ends_with(":0"), "{base}");
    assert_eq!(mode(&place.path("data")), 0o700);
    assert_eq!(mode(&place.path("data/secret")), 0o600);
    assert_eq!(mode(&place.path("data/accord.db")), 0o600);
    assert!(place.path("data/accord.db").is_file());
    let health = reqwest::Client::builder().no_proxy().build().expect("a client");
    assert_eq!(health.get(format!("{base}/readyz")).send().await.expect("an answer").status(), 200);
    assert_eq!(health.get(format!("{base}/docs")).send().await.expect("an answer").status(), 200);
    let (code, said) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("Accord 0.1.0 listens on {base}\n")), "{said}");
    assert!(said.contains(&format!("{base}/docs\n")), "{said}");
    assert!(said.contains("accord user create --email you@example.com --role owner\n"), "{said}");

    let secret = std::fs::read_to_string(place.path("data/secret")).expect("the secret");
    place.user(OWNER, "owner").expect(0);
    let (code, said) = place.serve().stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("user create") && said.contains("/docs\n"), "{said}");
    assert_eq!(std::fs::read_to_string(place.path("data/secret")).expect("the secret"), secret);
}

#[tokio::test]
async fn an_account_made_while_the_server_runs_signs_in_over_http() {
    let place = Installation::new();
    let server = place.serve();
    let made = place.user(OWNER, "owner").expect(0);
    assert!(made.stdout.starts_with(&format!("Created {OWNER} (owner) with id ")), "{made:?}");
    assert!(!made.stdout.contains(PASSWORD), "the password is shown");
    a_supplier(&server, "Alpha").await;
}

#[tokio::test]
async fn a_password_that_is_made_up_is_shown_and_works() {
    let place = Installation::new();
    let made = place.run(&["user", "create", "--email", OWNER, "--role", "owner", "--name", "Ada"]).expect(0);
    let shown = made.stdout.lines().find_map(|line| line.strip_prefix("Password, shown only now: "));
    let server = place.serve();
    let owner = server.sign_in(OWNER, shown.expect("a password")).await;
    let events = owner.get("/v1/audit-events?action=user.create").await;
    assert_eq!(events["data"][0]["actor"]["label"], "command line");
}

#[test]
fn accounts_that_cannot_be_are_refused() {
    let place = Installation::new();
    let create = |more: &[&str], password: &str| {
        let arguments = [&["user", "create", "--password-stdin"], more].concat();
        place.run_with_input(&arguments, password)
    };
    let short = create(&["--email", OWNER, "--role", "owner"], "elevenchars\nand a second line").expect(1);
    assert_eq!(short.stderr, "accord: A password has 12 to 128 characters.\n");
    let long = create(&["--email", OWNER, "--role", "owner"], &"x".repeat(129)).expect(1);
    assert!(long.stderr.contains("12 to 128"), "{long:?}");
    create(&["--email", "nobody", "--role", "owner"], PASSWORD).expect(1);
    let homeless = create(&["--email", OWNER, "--role", "supplier_user"], PASSWORD).expect(1);
    assert!(homeless.stderr.contains("--supplier"), "{homeless:?}");
    let role = create(&["--email", OWNER, "--role", "king"], PASSWORD).expect(2);
    assert!(role.stderr.contains("king") && role.stderr.contains("--role"), "{role:?}");

    create(&["--email", OWNER, "--role", "owner"], PASSWORD).expect(0);
    let twice = create(&["--email", &OWNER.to_uppercase(), "--role", "auditor"], PASSWORD).expect(1);
    assert_eq!(twice.stderr, format!("accord: {OWNER} has an account already.\n"));
    assert_eq!(twice.stdout, "");
}

#[tokio::test]
async fn an_account_of_a_supplier_needs_that_supplier() {
    let place = Installation::new();
    let create = |supplier: &str| {
        let email = "guest@delta.example";
        let arguments = ["user", "create", "--email", email, "--role", "supplier_user", "--supplier", supplier];
        place.run_with_input(&[&arguments[..], &["--password-stdin"]].concat(), PASSWORD)
    };
    let nobody = "01900000-0000-7000-8000-000000000000";
    let refused = create(nobody).expect(1);
    assert_eq!(refused.stderr, format!("accord: there is no supplier with the id {nobody}\n"));
    create("delta").expect(1);

    place.user(OWNER, "owner").expect(0);
    let server = place.serve();
    let id = a_supplier(&server, "Delta").await;
    a_supplier(&server, "Other").await;
    create(&id).expect(0);
    let seen = server.sign_in("guest@delta.example", PASSWORD).await.get("/v1/suppliers").await;
    assert_eq!((seen["data"].as_array().map(Vec::len), &seen["data"][0]["id"]), (Some(1), &json!(id)));
}

#[test]
fn the_configuration_is_shown_with_its_sources_and_without_secrets() {
    let place = Installation::new()
        .with("ACCORD_SECRET", SECRET)
        .with("ACCORD_DATABASE_URL", "postgres://accord:hush-hush@db.example/accord");
    std::fs::write(place.path("accord.toml"), "log = \"warn\"\nlisten = \"127.0.0.1:9999\"\n").expect("the file");
    let shown = place.run(&["config", "check"]).expect(0).stdout;
    let line = |variable: &str| {
        let line = shown.lines().find(|line| line.split_whitespace().next() == Some(variable));
        line.unwrap_or_else(|| panic!("no {variable} in\n{shown}")).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("ACCORD_LISTEN"), "ACCORD_LISTEN 127.0.0.1:0 from the environment");
    assert_eq!(line("ACCORD_LOG"), "ACCORD_LOG warn from accord.toml");
    assert_eq!(line("ACCORD_DATA_DIR"), "ACCORD_DATA_DIR ./data from the default");
    assert_eq!(line("ACCORD_SECRET"), "ACCORD_SECRET ******** from the environment");
    assert_eq!(
        line("ACCORD_DATABASE_URL"),
        "ACCORD_DATABASE_URL postgres://accord@db.example/accord from the environment"
    );
    assert!(!shown.contains(SECRET) && !shown.contains("hush"), "{shown}");
    assert!(!place.path("data").exists(), "looking makes nothing");
}

#[test]
fn a_wrong_configuration_is_named_with_its_source_and_what_is_expected() {
    let refusal = |place: &Installation, arguments: &[&str]| {
        let done = place.run(arguments).expect(2);
        assert!(!place.path("data").exists(), "something was made: {done:?}");
        done.stderr
    };
    let place = Installation::new().with("ACCORD_LISTEN", "everywhere");
    for arguments in [&[][..], &["serve"], &["config", "check"], &["migrate", "up"]] {
        assert_eq!(
            refusal(&place, arguments),
            "accord: configuration: ACCORD_LISTEN (from the environment) is \"everywhere\": \
             expected an address and a port, such as 0.0.0.0:8080.\n"
        );
    }
    let place = Installation::new();
    std::fs::write(place.path("accord.toml"), "lisen = \"127.0.0.1:80\"\n").expect("the file");
    let unknown = refusal(&place, &[]);
    assert!(unknown.contains("`lisen` in accord.toml is not a setting"), "{unknown}");
    assert!(unknown.contains("listen,"), "the known ones are named: {unknown}");
    std::fs::write(place.path("accord.toml"), "access_log = \"maybe\"\n").expect("the file");
    let wrong = refusal(&place, &[]);
    assert!(wrong.contains("ACCORD_ACCESS_LOG (from accord.toml) is \"maybe\": expected on or off."), "{wrong}");
    std::fs::write(place.path("accord.toml"), "listen = \n").expect("the file");
    assert!(refusal(&place, &[]).contains("accord.toml is not TOML"));
    let absent = refusal(&Installation::new(), &["--config", "other.toml"]);
    assert!(absent.contains("other.toml cannot be read"), "{absent}");

    let place = Installation::new().with("ACCORD_DATABASE_URL", "postgres://accord:hush-hush@localhost/accord");
    let open = refusal(&place, &[]);
    assert!(open.contains("ACCORD_SECRET is empty") && open.contains("at least 32 characters"), "{open}");
    let short = refusal(&place.with("ACCORD_SECRET", "short"), &[]);
    assert!(short.contains("ACCORD_SECRET (from the environment) is too short"), "{short}");
    assert!(short.contains("expected at least 32 characters"), "{short}");
}

#[test]
fn a_mail_server_is_shown_without_its_password() {
    let place = Installation::new().with("ACCORD_MAIL_URL", "smtp://accord:hush-hush@mail.example:587");
    let shown = place.run(&["config", "check"]).expect(0).stdout;
    assert!(shown.contains("smtp://accord@mail.example:587") && !shown.contains("hush"), "{shown}");
    for wrong in ["http://accord:hush-hush@mail.example", "accord:hush-hush@mail.example:587"] {
        let refused = Installation::new().with("ACCORD_MAIL_URL", wrong).run(&["config", "check"]).expect(2);
        let all = format!("{}{}", refused.stdout, refused.stderr);
        assert!(refused.stderr.contains("ACCORD_MAIL_URL (from the environment) is "), "{all}");
        assert!(refused.stderr.contains("expected smtp://USER:PASSWORD@HOST:587"), "{all}");
        assert!(all.contains("@mail.example") && !all.contains("hush"), "{all}");
    }
    let sender = Installation::new().with("ACCORD_MAIL_FROM", "nobody").run(&[]).expect(2);
    assert!(sender.stderr.contains("ACCORD_MAIL_FROM (from the environment) is \"nobody\""), "{sender:?}");
}

#[test]
fn a_mail_template_that_is_wrong_is_named_with_its_line() {
    let place = Installation::new();
    let folder = place.path("templates");
    std::fs::create_dir(&folder).expect("a folder");
    let broken = "Subject: Welcome\n\n{% if link %}\n{{ link }\n";
    std::fs::write(folder.join("invitation.txt"), broken).expect("a file");
    let refused = place.with("ACCORD_MAIL_TEMPLATES", &folder.to_string_lossy()).run(&[]).expect(2);
    assert!(refused.stderr.contains("ACCORD_MAIL_TEMPLATES (from the environment) is "), "{refused:?}");
    assert!(refused.stderr.contains("invitation.txt, line 4: syntax error"), "{refused:?}");
    let absent = Installation::new().with("ACCORD_MAIL_TEMPLATES", "nowhere").run(&[]).expect(2);
    assert!(absent.stderr.contains("nowhere is not a folder"), "{absent:?}");
}

#[test]
fn where_somebody_listens_already_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = taken.local_addr().expect("its address").to_string();
    let done = Installation::new().with("ACCORD_LISTEN", &address).run(&[]).expect(2);
    assert!(done.stderr.contains(&format!("ACCORD_LISTEN is {address}, where nothing can listen")), "{done:?}");
    let done = Installation::new().with("ACCORD_METRICS_LISTEN", &address).run(&[]).expect(2);
    assert!(done.stderr.contains(&format!("ACCORD_METRICS_LISTEN is {address}, where nothing can listen")), "{done:?}");
}

#[test]
fn a_database_that_does_not_answer_is_named() {
    let url = "postgres://accord:hush-hush@127.0.0.1:1/accord";
    let place = Installation::new().with("ACCORD_DATABASE_URL", url);
    let place = place.with("ACCORD_SECRET", "a secret that has at least 32 characters");
    let done = place.run(&["migrate", "status"]).expect(2);
    assert!(done.stderr.contains("ACCORD_DATABASE_URL is postgres://accord@127.0.0.1:1/accord, which does not answer"));
    assert!(!done.stderr.contains("hush"), "{done:?}");
}

#[test]
fn another_secret_is_refused_with_the_reason() {
    let place = Installation::new();
    place.run(&["migrate", "up"]).expect(0);
    place.user(OWNER, "owner").expect(0);
    let done = place.with("ACCORD_SECRET", "another secret, which is long enough as well").run(&[]).expect(1);
    assert!(done.stderr.contains("sealed with another secret: give the ACCORD_SECRET"), "{done:?}");
}

fn migrates(place: &Installation) {
    let missing = place.run(&["migrate", "status"]).expect(1).stdout;
    let steps: Vec<_> = missing.lines().filter_map(|line| line.strip_prefix("missing  ")).collect();
    assert!(!steps.is_empty() && missing.lines().count() == steps.len(), "{missing}");
    let applied = place.run(&["migrate", "up"]).expect(0).stdout;
    assert!(applied.ends_with(&format!("{} step(s) applied.\n", steps.len())), "{applied}");
    for action in ["status", "up"] {
        assert_eq!(place.run(&["migrate", action]).expect(0).stdout, "The schema is up to date.\n");
    }
}

#[test]
fn migrations_are_shown_and_applied() {
    migrates(&Installation::new());
}

#[tokio::test]
async fn migrations_are_shown_and_applied_on_postgres() {
    if let Some(addresses) = empty_postgres().await {
        let place = Installation::new().with("ACCORD_SECRET", SECRET);
        migrates(&place.with("ACCORD_DATABASE_URL", &addresses.primary));
    }
}

#[test]
fn the_document_is_printed_in_both_versions_without_a_database() {
    let place = Installation::new();
    let document =
        |arguments: &[&str]| -> Value { serde_json::from_str(&place.run(arguments).expect(0).stdout).expect("JSON") };
    let (newest, older) = (document(&["openapi"]), document(&["openapi", "--version", "3.0"]));
    assert_eq!((&newest["openapi"], &older["openapi"]), (&json!("3.1.0"), &json!("3.0.3")));
    assert_eq!(document(&["openapi", "--version", "3.1"]), newest);
    assert!(newest["paths"]["/v1/suppliers"]["post"].is_object());
    assert_eq!(newest["info"]["version"], older["info"]["version"]);
    place.run(&["openapi", "--version", "2.0"]).expect(2);
    assert!(!place.path("data").exists(), "printing makes nothing");
}

#[tokio::test]
async fn a_backup_of_a_running_server_serves_the_same_data() {
    let place = Installation::new();
    place.user(OWNER, "owner").expect(0);
    let server = place.serve();
    let before = a_supplier(&server, "Before").await;
    let token = server.sign_in(OWNER, PASSWORD).await.token;
    let copied = place.run(&["backup", "copy.db"]).expect(0);
    assert!(copied.stdout.contains("copy.db"), "{copied:?}");
    assert_eq!(mode(&place.path("copy.db")), 0o600);
    let after = a_supplier(&server, "After").await;

    let again = place.run(&["backup", "copy.db"]).expect(1);
    assert_eq!(again.stderr, "accord: copy.db exists already\n");

    let secret = std::fs::read_to_string(place.path("data/secret")).expect("the secret");
    let copy = format!("sqlite:{}", place.path("copy.db").display());
    let restored = Installation::new().with("ACCORD_DATABASE_URL", &copy).with("ACCORD_SECRET", secret.trim());
    let restored = restored.serve();
    let caller = restored.with_token(&token);
    let list = caller.get("/v1/suppliers").await;
    assert_eq!((list["data"].as_array().map(Vec::len), &list["data"][0]["id"]), (Some(1), &json!(before)));
    restored.sign_in(OWNER, PASSWORD).await;
    assert_eq!(server.with_token(&token).get(&format!("/v1/suppliers/{after}")).await["name"], "After");
}

const ROWS: &str = "kind,name,external_id\ncompany,Alpha,A\nrobot,Beta,B\ncompany,Gamma,C\n";

#[tokio::test]
async fn a_file_is_imported_with_and_without_a_server() {
    let place = Installation::new();
    place.user(OWNER, "owner").expect(0);
    std::fs::write(place.path("s.csv"), ROWS).expect("a file");
    let import = ["import", "suppliers", "s.csv"];
    let with = |more: &[&str]| place.run(&[&import[..], more].concat());
    let checked = with(&["--dry-run", "--on-error", "continue"]).expect(1);
    assert!(checked.stdout.contains("3 rows, 2 created, 0 updated, 0 unchanged, 1 refused."), "{checked:?}");
    let stopped = with(&[]).expect(1);
    assert!(stopped.stdout.contains("row 2: ") && stopped.stdout.contains(" failed: "), "{stopped:?}");
    with(&["--mode", "replace"]).expect(2);
    with(&["--server", "http://127.0.0.1:1"]).expect(2);
    place.run(&["import", "suppliers", "none.csv"]).expect(1);

    let server = place.serve();
    let owner = server.sign_in(OWNER, PASSWORD).await;
    assert_eq!(owner.get("/v1/suppliers").await["data"], json!([]));
    let at = ["--server", &server.base, "--token", &owner.token];
    let done = with(&[&at[..], &["--on-error", "continue"]].concat()).expect(1);
    assert!(done.stdout.contains("3 rows, 2 created, 0 updated, 0 unchanged, 1 refused."), "{done:?}");
    assert!(done.stdout.contains("row 2: ") && done.stderr.contains("3 rows"), "{done:?}");
    let again = with(&[&at[..], &["--on-error", "continue", "--mode", "upsert"]].concat()).expect(1);
    assert!(again.stdout.contains("0 created, 0 updated, 2 unchanged, 1 refused."), "{again:?}");
    assert_eq!(owner.get("/v1/suppliers?count=true").await["total_count"], 2);
    let stranger = with(&["--server", &server.base, "--token", "nothing"]).expect(1);
    assert!(stranger.stderr.contains("401"), "{stranger:?}");
    let nowhere = with(&["--server", "http://127.0.0.1:1", "--token", "t"]).expect(1);
    assert!(nowhere.stderr.starts_with("accord: "), "{nowhere:?}");
}

#[test]
fn a_backup_of_nothing_is_refused() {
    let place = Installation::new();
    place.run(&["backup", "copy.db"]).expect(1);
    assert!(!place.path("copy.db").exists());
    // The folder is there, but it is not the one with the data.
    std::fs::create_dir(place.path("data")).expect("a folder");
    let refused = place.run(&["backup", "copy.db"]).expect(1);
    assert!(refused.stderr.contains("there is no data in ./data/accord.db to copy"), "{refused:?}");
    assert!(!place.path("copy.db").exists());
}

#[tokio::test]
async fn a_backup_of_postgres_names_the_tool_for_it() {
    if let Some(addresses) = empty_postgres().await {
        let place = Installation::new().with("ACCORD_SECRET", SECRET).with("ACCORD_DATABASE_URL", &addresses.primary);
        assert_eq!(place.run(&["backup", "copy"]).expect(1).stderr, "accord: use pg_dump for a PostgreSQL database\n");
    }
}

#[test]
fn help_names_every_command() {
    let help = Installation::new().run(&["--help"]).expect(0).stdout;
    for command in ["serve", "migrate", "openapi", "user", "backup", "demo", "config"] {
        let line = help.lines().any(|line| line.trim_start().starts_with(&format!("{command} ")));
        assert!(line, "{command} is missing in\n{help}");
    }
    assert!(help.contains("ACCORD_*") && help.contains("accord.toml"), "{help}");
    assert_eq!(Installation::new().run(&["--version"]).expect(0).stdout, "accord 0.1.0\n");
    Installation::new().run(&["serf"]).expect(2);
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_answers_first_and_ends_well() {
    let place = Installation::new();
    place.user(OWNER, "owner").expect(0);
    let server = place.serve();
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let news = (0..50).map(|number| {
        let (owner, new) = (owner.clone(), json!({"kind": "company", "name": format!("Alpha {number}")}));
        tokio::spawn(async move { owner.try_post("/v1/suppliers", &new, None).await })
    });
    let news: Vec<_> = news.collect();
    let (code, said) = tokio::task::spawn_blocking(|| server.stop()).await.expect("it stops");
    assert_eq!(code, Some(0), "{said}");
    let mut done = 0;
    for new in news {
        // A connection that had not been accepted is refused; one that was is answered in full.
        if let Ok(sent) = new.await.expect("no panic") {
            assert_eq!(sent.status, 201, "{}", sent.body);
            done += 1;
        }
    }
    let again = place.serve();
    let list = again.sign_in(OWNER, PASSWORD).await.get("/v1/suppliers?count=true").await;
    assert!(list["total_count"].as_u64() >= Some(done), "{done} were answered: {list}");
}
