//! One wrong thing after another, and the exact lines that are said of each; line numbers are of `RIGHT`.

use super::{Bench, changed};

/// Edits of `RIGHT` (what stands there, what to write instead) and what is said.
type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn every_mistake_is_named_with_its_line_and_a_hint() {
    for (edits, expected) in CASES {
        let bench = Bench::new(&changed(edits));
        assert_eq!(bench.said(), *expected, "{edits:?}");
    }
}

const CASES: &[Case] = &[
    (
        &[("office = ", "offce = ")],
        &["1: organisation.office: missing: write office = \"秘書室\"", "3: organisation.offce: unknown key: did you mean office?"],
    ),
    (
        &[("domain = \"kmu.example\"\n", "domain = \"kmu example\"\n")],
        &["4: organisation.domain: `kmu example` is no domain name: write domain = \"kmu.example\""],
    ),
    (
        &[("profile = \"kmu\"", "profile = \"kmuu\"")],
        &["5: organisation.profile: `kmuu` is neither a shipped profile nor a file: did you mean kmu?"],
    ),
    (
        &[("profile = \"kmu\"", "profile = \"own/kmu.toml\"")],
        &[
            "5: organisation.profile: `own/kmu.toml` is neither a shipped profile nor a file: write kmu, shugu, pt, cpc or chainsea, or a path relative to this file",
        ],
    ),
    (&[("Asia/Taipei", "Asia/Tapei")], &["6: organisation.time_zone: `Asia/Tapei` is no time zone: did you mean Asia/Taipei?"]),
    (
        &[("Asia/Taipei", "Formosa")],
        &[
            "6: organisation.time_zone: `Formosa` is no time zone: write an IANA name such as Asia/Taipei; the system's tzdata must be installed",
        ],
    ),
    (&[("locale = \"zh-TW\"", "locale = \"zh\"")], &["7: organisation.locale: `zh` is not known: write zh-TW or en"]),
    (&[("name = \"高雄示範大學\"", "name = 7")], &["2: organisation.name: is no text: write name = \"7\""]),
    (&[("name = \"高雄示範大學\"", "name = \"  \"")], &["2: organisation.name: is empty: write something or leave the key out"]),
    (
        &[("[organisation]\nname", "[organization]\nname")],
        &[
            "1: organisation.domain: missing: write domain = \"kmu.example\"",
            "1: organisation.name: missing: write name = \"高雄示範大學\"",
            "1: organisation.office: missing: write office = \"秘書室\"",
            "1: organisation.profile: missing: write profile = \"kmu\"",
            "1: organization: unknown key: did you mean organisation?",
        ],
    ),
    (
        &[("address = \"service@kmu.example\"", "address = \"service\"")],
        &["10: mailboxes[0].address: `service` is no mail address: write address = \"service@kmu.example\""],
    ),
    (
        &[("folder = \"INBOX\"", "folder = \"INBOX\"\nsent_folder = \"Processed\"")],
        &[
            "12: mailboxes[0].sent_folder: `Processed` holds mail that comes in: name the folder into which the mail server puts what is sent, such as \"Sent\", or leave the key out",
        ],
    ),
    (
        &[("[digest]\n", "[probe]\nevery = \"10m\"\nlate_after = \"10m\"\n\n[digest]\n")],
        &["35: probe.late_after: is no less than every: write every = \"1h\" and late_after = \"15m\""],
    ),
    (&[("[digest]\n", "[probe]\nevry = \"1h\"\n\n[digest]\n")], &["34: probe.evry: unknown key: did you mean every?"]),
    (
        &[("folder = \"INBOX\"", "folder = \"Processed\"")],
        &[
            "11: mailboxes[0].folder: `Processed` is also where mail is moved to: give processed_folder and quarantine_folder names of their own",
        ],
    ),
    (
        &[("folder = \"INBOX\"", "idle = \"yes\"")],
        &["11: mailboxes[0].idle: is neither true nor false: write idle = true or idle = false, without quotes"],
    ),
    (
        &[("folder = \"INBOX\"", "poll_interval = \"1wd\"")],
        &["11: mailboxes[0].poll_interval: `1wd` is no interval: write 60s, 10m, 24h or 7d, from 1s to 24h"],
    ),
    (
        &[("folder = \"INBOX\"", "poll_interval = \"0s\"")],
        &["11: mailboxes[0].poll_interval: `0s` is out of range: write 60s, 10m, 24h or 7d, from 1s to 24h"],
    ),
    (&[("folder = \"INBOX\"", "poll_interval = 60")], &["11: mailboxes[0].poll_interval: 60 has no unit: write poll_interval = \"60s\""]),
    (
        &[("\"mx.kmu.example\"", "\"mx.kmu.example; dmarc=pass\"")],
        &[
            "12: mailboxes[0].trusted_authserv_id: `mx.kmu.example; dmarc=pass` is no server's name: copy the first word of an Authentication-Results field of your own server",
        ],
    ),
    (
        &[("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"dmarc\"")],
        &["12: mailboxes[0].evidence: proves nothing without trusted_authserv_id: name the border server, or write evidence = \"confirm\""],
    ),
    (
        &[
            ("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"confirm\""),
            ("[digest]", "[trust]\nconfirm_major = true\nresolver = \"dns\"\n[digest]"),
        ],
        &[
            "34: trust.confirm_major: mailboxes[0] can give no proof beside the confirmation: with evidence = \"confirm\" every act is confirmed already; a second proof needs dmarc, dkim or internal",
            "35: trust.resolver: `dns` is no address: write resolver = \"127.0.0.1:53\"",
        ],
    ),
    (
        &[("trusted_authserv_id = \"mx.kmu.example\"", "evidence = \"spf\"")],
        &["12: mailboxes[0].evidence: `spf` is not known: write dmarc, dkim, internal, confirm or token"],
    ),
    (
        &[("take_since = \"7d\"", "take_since = \"last week\"")],
        &["13: mailboxes[0].take_since: `last week` is no interval: write 60s, 10m, 24h or 7d, from 0s to 87600h"],
    ),
    (
        &[("host = \"127.0.0.1\"\nport = 1143", "host = \"imap.kmu.example\"\nport = 1143")],
        &[
            "17: mailboxes[0].imap.tls: none would send passwords and complaints in the clear: write implicit or starttls; none is for loopback only",
        ],
    ),
    (
        &[("port = 1143", "port = 70000")],
        &["16: mailboxes[0].imap.port: 70000 is out of range: write a number from 1 to 65535, without quotes"],
    ),
    (
        &[("port = 1143", "port = \"1143\"")],
        &["16: mailboxes[0].imap.port: is no whole number: write a number from 1 to 65535, without quotes"],
    ),
    (&[("port = 1143", "prot = 1143")], &["16: mailboxes[0].imap.prot: unknown key: did you mean port?"]),
    (
        &[("tls = \"none\"\nusername", "tls = \"ssl\"\nusername")],
        &["17: mailboxes[0].imap.tls: `ssl` is not known: write implicit, starttls or none"],
    ),
    (
        &[("password_file = \"imap.password\"", "password_file = \"imap.pasword\"")],
        &[
            "19: mailboxes[0].imap.password_file: imap.pasword cannot be read (entity not found): make the file, readable for the service alone",
        ],
    ),
    (
        &[("password_file = \"imap.password\"", "password = \"a\"\npassword_file = \"imap.password\"")],
        &["20: mailboxes[0].imap.password_file: stands beside password: decide for one of password, password_file, credential and oauth2"],
    ),
    (
        &[("password_file = \"imap.password\"\n", "")],
        &["14: mailboxes[0].imap.password_file: missing: write password_file = \"imap.password\", credential = \"imap\" or oauth2 = { … }"],
    ),
    (
        &[("password_file = \"imap.password\"", "credential = \"imap\"")],
        &[
            "19: mailboxes[0].imap.credential: systemd hands over no credentials here: add LoadCredential= to the unit, or use password_file",
        ],
    ),
    (
        &[("password_file = \"imap.password\"", "oauth2 = { client_id = \"x\", token_url = \"http://token.example\" }")],
        &[
            "19: mailboxes[0].imap.oauth2.refresh_token_file: missing: write refresh_token_file (Gmail), or client_secret_file (Microsoft 365 application)",
            "19: mailboxes[0].imap.oauth2.token_url: `http://token.example` is no https address: write token_url = \"https://…\"",
        ],
    ),
    (
        &[("[smtp]\nhost = \"127.0.0.1\"", "[smtp]\nhost = \"smtp.kmu.example:25\"")],
        &[
            "22: smtp.host: `smtp.kmu.example:25` is no host: write a name or an IP address; the port stands in port",
            "24: smtp.tls: none would send passwords and complaints in the clear: write implicit or starttls; none is for loopback only",
        ],
    ),
    (
        &[("[smtp]\nhost = \"127.0.0.1\"", "[smtp]\nusername = \"x\"\nhost = \"127.0.0.1\"")],
        &["21: smtp.password_file: missing: write password_file = \"smtp.password\" beside username, or leave username out"],
    ),
    (
        &[("[smtp]\nhost = \"127.0.0.1\"", "[smtp]\npassword_file = \"imap.password\"\nhost = \"127.0.0.1\"")],
        &["21: smtp.username: missing: write username = \"service@kmu.example\" beside the password"],
    ),
    (&[("[smtp]\nhost = \"127.0.0.1\"\nport = 2525\ntls = \"none\"\n", "")], &["1: smtp.host: missing: write host = \"mail.kmu.example\""]),
    (
        &[("sqlite:redress.db", "mysql://root:geheim@db/redress")],
        &[
            "27: store.url: is neither sqlite: nor postgres://: write url = \"sqlite:redress.db\" or \"postgres://redress@localhost/redress\"",
        ],
    ),
    (
        &[("sqlite:redress.db", "sqlite::memory:")],
        &["27: store.url: names no file: write url = \"sqlite:redress.db\" or \"postgres://redress@localhost/redress\""],
    ),
    (
        &[("listen = \"127.0.0.1:8080\"", "listen = \"8080\"")],
        &["30: survey.listen: `8080` is no address and port: write listen = \"127.0.0.1:8080\""],
    ),
    (
        &[("https://survey", "http://survey")],
        &["31: survey.public_url: is http on a public host: write public_url = \"https://survey.kmu.example\"; http is for loopback only"],
    ),
    (
        &[("https://survey.kmu.example", "survey.kmu.example")],
        &[
            "31: survey.public_url: `survey.kmu.example` is no web address: write public_url = \"https://survey.kmu.example\"; http is for loopback only",
        ],
    ),
    (
        &[("public_url = \"https://survey.kmu.example\"\n", "")],
        &["29: survey.public_url: missing: write public_url = \"https://survey.kmu.example\""],
    ),
    (&[("at = \"08:30\"", "at = \"8.30\"")], &["34: digest.at: `8.30` is no hour of the day: write 08:30"]),
    (
        &[("at = \"08:30\"", "at = \"08:30\"\npeople = \"weekly\"\npeople_day = 31\npeople_idle_days = 0")],
        &[
            "35: digest.people: `weekly` is not known: write quarterly, monthly, yearly or never",
            "36: digest.people_day: 31 is out of range: write a number from 1 to 28, without quotes",
            "37: digest.people_idle_days: 0 is out of range: write a number from 1 to 3650, without quotes",
        ],
    ),
    (&[("at = \"08:30\"", "at = \"25:00\"")], &["34: digest.at: `25:00` is no hour of the day: write 08:30"]),
    (&[("dispatch = \"auto\"", "dispatch = \"automatic\"")], &["37: intake.dispatch: `automatic` is not known: write auto or review"]),
    (
        &[("recall_window = \"0s\"", "recall_window = \"8d\"")],
        &["40: answer.recall_window: `8d` is out of range: write 60s, 10m, 24h or 7d, from 0s to 168h"],
    ),
    (&[("recall_window = \"0s\"", "recal_window = \"0s\"")], &["40: answer.recal_window: unknown key: did you mean recall_window?"]),
    (
        &[("id = \"lee\"", "id = \"wang\"")],
        &[
            "48: people[0].away[0].deputy: `lee` is nobody's id: add [[people]] with id = \"lee\"",
            "51: people[1].id: `wang` stands at 43 already: give each person an id of his own, and list him once",
            "73: units[1].head: `lee` is nobody's id: add [[people]] with id = \"lee\"",
        ],
    ),
    (
        &[("id = \"lee\"", "id = \"lee wang\"")],
        &[
            "48: people[0].away[0].deputy: `lee` is nobody's id: add [[people]] with id = \"lee\"",
            "51: people[1].id: `lee wang` is no id: write letters, digits, - and _ only: id = \"wang\"",
            "73: units[1].head: `lee` is nobody's id: add [[people]] with id = \"lee\"",
        ],
    ),
    (
        &[("email = \"lee@kmu.example\"", "email = \"Wang@kmu.example\"")],
        &[
            "53: people[1].email: `Wang@kmu.example` stands at 45 already: a reply must show who wrote it: give each person an address of his own",
        ],
    ),
    (
        &[("email = \"lee@kmu.example\"", "email = \"service@kmu.example\"")],
        &[
            "53: people[1].email: `service@kmu.example` is a mailbox of ours: a person needs an address outside the mailboxes, or his mail comes back as a complaint",
        ],
    ),
    (
        &[("roles = [\"secretariat\"]", "roles = \"secretariat\"")],
        &[
            "42: people: nobody has the role secretariat: write roles = [\"secretariat\"] for at least one person of the office",
            "46: people[0].roles: is no list of texts: write roles = [\"…\", \"…\"]",
        ],
    ),
    (
        &[("roles = [\"secretariat\"]", "roles = [\"secretary\"]")],
        &["42: people: nobody has the role secretariat: write roles = [\"secretariat\"] for at least one person of the office"],
    ),
    (&[("deputy = \"lee\"", "deputy = \"leee\"")], &["48: people[0].away[0].deputy: `leee` is nobody's id: did you mean lee?"]),
    (&[("deputy = \"lee\"", "deputy = \"wang\"")], &["48: people[0].away[0].deputy: nobody is his own deputy: name another person"]),
    (
        &[("from = \"2026-12-01\"", "from = \"2026-12-31\"")],
        &["48: people[0].away[0].to: lies before from: write { from = \"2026-12-01\", to = \"2026-12-05\", deputy = \"lee\" }"],
    ),
    (
        &[("from = \"2026-12-01\"", "from = \"2026-13-01\"")],
        &["48: people[0].away[0].from: `2026-13-01` is no date: write 2026-12-31 or 115/12/31"],
    ),
    (
        &[("from = \"2026-12-01\", ", "")],
        &["48: people[0].away[0].from: missing: write { from = \"2026-12-01\", to = \"2026-12-05\", deputy = \"lee\" }"],
    ),
    (
        &[
            ("roles = [\"chief_secretary\"]", "away = [{ from = 2026-12-05, to = 2026-12-09, deputy = \"lin\" }]"),
            (
                "email = \"lin@kmu.example\"",
                "email = \"lin@kmu.example\"\naway = [{ from = \"115/12/04\", to = \"115/12/30\", deputy = \"wang\" }]",
            ),
        ],
        &[
            "48: people[0].away[0].deputy: on 2026-12-05 the deputies stand in for one another in a circle: wang → lee → lin → wang: name somebody who is there",
        ],
    ),
    (
        &[("inbox = \"general@kmu.example\"", "inbox = \"academic@kmu.example\"")],
        &["72: units[1].inbox: `academic@kmu.example` stands at 64 already: give each unit its own inbox"],
    ),
    (
        &[("inbox = \"general@kmu.example\"", "inbox = \"service@kmu.example\"")],
        &[
            "72: units[1].inbox: `service@kmu.example` is a mailbox of ours: forwards would come back as complaints: give the unit an inbox of its own",
        ],
    ),
    (&[("id = \"general\"", "id = \"Academic\"")], &["70: units[1].id: `Academic` stands at 62 already: give each unit its own id"]),
    (&[("head = \"lin\"", "head = \"林教務長\"")], &["65: units[0].head: `林教務長` is nobody's id: did you mean lin?"]),
    (&[("head = \"lin\"", "head = \"chen\"")], &["65: units[0].head: `chen` is nobody's id: add [[people]] with id = \"chen\""]),
    (&[("head = \"lin\"\n", "")], &["61: units[0].head: missing: write head = \"lin\", a person's id"]),
    (
        &[("handlers = [\"lin\"]", "handlers = [\"lin\", \"he\"]")],
        &["66: units[0].handlers: `he` is nobody's id: add [[people]] with id = \"he\""],
    ),
    (&[("handlers = [\"lin\"]", "registrar = \"ho\"")], &["66: units[0].registrar: `ho` is nobody's id: add [[people]] with id = \"ho\""]),
    (
        &[("head = \"lee\"", "head = \"lee\"\nparent = \"academy\"")],
        &["74: units[1].parent: `academy` is no unit's id: did you mean academic?"],
    ),
    (
        &[("head = \"lee\"", "head = \"lee\"\nparent = \"academic\""), ("head = \"lin\"", "head = \"lin\"\nparent = \"general\"")],
        &["66: units[0].parent: the units stand over one another in a circle: academic → general → academic: leave one parent out"],
    ),
    (
        &[("name = \"總務處\"", "name = \"教務處\"")],
        &["71: units[1].name: `教務處` stands at 63 already: directives name units: give each its own name"],
    ),
    (
        &[("[digest]", "[calendar]\noffice_hours = [\"13:00-17:00\", \"08:00-12:00\"]\n[digest]")],
        &[
            "34: calendar.office_hours: `13:00-17:00, 08:00-12:00` are no office hours: write [\"08:00-17:30\"], or [\"08:00-12:00\", \"13:00-17:00\"], in order",
        ],
    ),
    (
        &[(
            "[digest]",
            "[calendar]\nclosures = [{ date = \"2026-02-30\" }, { from = \"2026-07-03\", to = \"2026-07-01\" }, { nte = \"x\" }]\n[digest]",
        )],
        &[
            "34: calendar.closures[0].date: `2026-02-30` is no date: write 2026-12-31 or 115/12/31",
            "34: calendar.closures[1].to: does not lie within a year after from: write from = \"2026-07-01\", to = \"2026-07-03\"",
            "34: calendar.closures[2].date: names neither a day nor a period: write { date = \"2026-11-15\", note = \"校慶補假\" }, or from and to",
            "34: calendar.closures[2].nte: unknown key: did you mean note?",
        ],
    ),
    (
        &[("[digest]", "[calendar]\nclosures = [{ date = \"2026-03-02\" }]\nopenings = [{ date = \"2026-03-02\" }]\n[digest]")],
        &["35: calendar.openings: 2026-03-02 is in closures and in openings: decide for one"],
    ),
    (
        &[(
            "[digest]",
            "[forms]\nfonts = [\"kai.ttf\"]\n[templates]\noverlay = \"words\"\n[log]\nlevel = \"trace\"\nformat = \"xml\"\n[digest]",
        )],
        &[
            "34: forms.fonts: kai.ttf is no file: install fonts-cns11643-kai, or name font files by their path",
            "36: templates.overlay: words is no folder: make it, or leave the key out",
            "38: log.level: `trace` is not known: write error, warn, info or debug",
            "39: log.format: `xml` is not known: write text or json",
        ],
    ),
    (
        &[("[digest]", "[trust]\nkey = \"short\"\nevidence = \"none\"\n[digest]")],
        &[
            "34: trust.key: the key is shorter than 32 characters: make one with: head -c 48 /dev/urandom | base64 > FILE",
            "35: trust.evidence: `none` is not known: write dmarc, dkim, internal, confirm or token",
        ],
    ),
    (&[("[digest]\nat", "[digest\nat")], &["33: unclosed table, expected `]`: correct the TOML of this line; texts stand in \"quotes\""]),
    (
        &[("port = 2525", "port = ")],
        &["23: string values must be quoted, expected literal string: correct the TOML of this line; texts stand in \"quotes\""],
    ),
    (&[("port = 2525", "port = 2525\nport = 25")], &["24: duplicate key: correct the TOML of this line; texts stand in \"quotes\""]),
    (&[("[digest]", "[smtp]\n[digest]")], &["33: duplicate key: correct the TOML of this line; texts stand in \"quotes\""]),
    (
        &[("[[units]]\nid = \"general\"", "[units]\nid = \"general\"")],
        &["69: duplicate key: correct the TOML of this line; texts stand in \"quotes\""],
    ),
    (
        &[("name = \"高雄示範大學\"", "\"名稱\" = \"高雄示範大學\"")],
        &["1: organisation.name: missing: write name = \"高雄示範大學\"", "2: 名稱: unknown key: keys are small Latin letters and _"],
    ),
    (
        &[("[organisation]\nname", "include = [\"nowhere.toml\"]\n[organisation]\nname")],
        &["1: include: cannot be read (entity not found): name a file that the service may read, with --config, REDRESS_CONFIG or include"],
    ),
    (
        &[("[organisation]\nname", "include = \"units.toml\"\n[organisation]\nname")],
        &["1: include: is no list of texts: write include = [\"units.toml\"]"],
    ),
    (
        &[("office = ", "offce = "), ("port = 1143", "port = 0"), ("at = \"08:30\"", "at = \"x\""), ("head = \"lee\"", "head = \"li\"")],
        &[
            "1: organisation.office: missing: write office = \"秘書室\"",
            "3: organisation.offce: unknown key: did you mean office?",
            "16: mailboxes[0].imap.port: 0 is out of range: write a number from 1 to 65535, without quotes",
            "34: digest.at: `x` is no hour of the day: write 08:30",
            "73: units[1].head: `li` is nobody's id: did you mean lin?",
        ],
    ),
    (
        &[("folder = \"INBOX\"", "size_limit_mib = 0")],
        &["11: mailboxes[0].size_limit_mib: 0 is out of range: write a number from 1 to 500, without quotes"],
    ),
    (
        &[("port = 2525", "hello = \"kmu example\"\nconnections = 50")],
        &[
            "23: smtp.hello: `kmu example` is no host name: write hello = \"mail.kmu.example\"",
            "24: smtp.connections: 50 is out of range: write a number from 1 to 20, without quotes",
        ],
    ),
    (
        &[("password_file = \"imap.password\"", "oauth2 = { access_token_file = \"token\" }")],
        &[
            "19: mailboxes[0].imap.oauth2.access_token_file: token is no file: write the first token into it, readable and writable for the service",
        ],
    ),
    (
        &[("[digest]", "[trust]\nold_keys = [{ id = 40, file = \"imap.password\" }, { id = 0 }]\n[digest]")],
        &[
            "33: trust.key_file: missing: write key_file, with which new letters are signed",
            "34: trust.old_keys[0].file: the key is shorter than 32 characters: make one with: head -c 48 /dev/urandom | base64 > FILE",
            "34: trust.old_keys[0].id: 40 is out of range: write a number from 0 to 31, without quotes",
            "34: trust.old_keys[1].file: missing: write { id = 0, file = \"old.key\" }",
            "34: trust.old_keys[1].id: 0 is another key's id: give each key its own, and let a key keep it",
        ],
    ),
];

#[test]
fn web_forms_and_passers_on_are_checked_with_their_line() {
    let text = format!(
        "{}\n[[web_forms]]\nfrom = \"www\"\nlabels = {{ \"您的大名\" = \"nane\", \"心情\" = \"mood\" }}\n[[authorities]]\nname = \"市府\"\ncontact = \"1999\"\npasses_on = [\"*\", \"kcg.example\"]\n",
        super::RIGHT
    );
    let at = super::RIGHT.lines().count() + 1;
    let said = Bench::new(&text).said();
    let lines: Vec<&str> = said.iter().map(String::as_str).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines[0].starts_with(&format!("{}: web_forms[0].from: `www` is neither an address nor a domain: write from = ", at + 2)),
        "{lines:?}"
    );
    assert_eq!(
        lines[1],
        format!(
            "{}: web_forms[0].labels.心情: `mood` is no field of a complaint: write name, phone, email, address, id_number, identity, student_number, wish, occurred_at, occurred_place, accused, reply_way, fax, organisation, title, subject, content, channel, received_at or secrecy",
            at + 3
        )
    );
    assert_eq!(lines[2], format!("{}: web_forms[0].labels.您的大名: `nane` is no field of a complaint: did you mean name?", at + 3));
    assert!(
        lines[3].starts_with(&format!("{}: authorities[0].passes_on: `*` is neither a domain nor an address: write ", at + 7)),
        "{lines:?}"
    );
}
