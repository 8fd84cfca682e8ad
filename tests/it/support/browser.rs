//! A real Chromium, driven through chromedriver with plain HTTP (W3C WebDriver and two of Chromium's own commands).
//! Scripts are switched off in the pages; what tests measure runs beside them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Reads one answer. chromedriver says `Connection: close` and does not close, so its length is taken at its word.
async fn whole(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lengths =
                head.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = lengths.find_map(|(_, value)| value.trim().parse().ok()).expect("a length");
            if bytes.len() >= head.len() + 4 + length {
                return (head.to_owned(), body.to_owned());
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.expect("read"), 0, "chromedriver hung up");
    }
}

/// One window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _home: tempfile::TempDir,
}

impl Browser {
    /// Starts one; `None` where the packages chromium and chromium-driver are not installed.
    pub async fn start() -> Option<Self> {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut lines = BufReader::new(driver.stdout.take()?).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
        })?;
        std::thread::spawn(move || lines.for_each(drop));
        let home = tempfile::tempdir().expect("a temporary folder");
        let profile = format!("--user-data-dir={}", home.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
            &profile,
        ];
        let no_scripts = json!({"profile.managed_default_content_settings.javascript": 2});
        let options = json!({"args": arguments, "prefs": no_scripts});
        let mut browser = Self { driver, port, session: String::new(), _home: home };
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}});
        let opened = browser.call("POST", "", &wanted).await;
        browser.session = format!("/{}", opened["sessionId"].as_str().expect("a session"));
        Some(browser)
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("chromedriver");
        let head = format!(
            "{method} /session{}{path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.session,
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("written");
        stream.write_all(body.as_bytes()).await.expect("written");
        let (head, json) = tokio::time::timeout(Duration::from_secs(60), whole(&mut stream)).await.expect("an answer in time");
        let value: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        if head.contains(" 200 ") { Ok(value["value"].clone()) } else { Err(value) }
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.call("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await
    }

    /// Looks like a screen of that width, light or dark.
    pub async fn look(&self, width: u32, dark: bool) {
        let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700});
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        let scheme = if dark { "dark" } else { "light" };
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]})).await;
    }

    pub async fn open(&self, url: &str) {
        self.call("POST", "/url", &json!({"url": url})).await;
    }

    async fn element(&self, xpath: &str) -> String {
        let found = self.call("POST", "/element", &json!({"using": "xpath", "value": xpath})).await;
        found.as_object().and_then(|o| o.values().next()).and_then(Value::as_str).expect("an element").to_owned()
    }

    /// Clicks as a person does: it fails where something else lies above.
    pub async fn click(&self, xpath: &str) {
        let element = self.element(xpath).await;
        self.call("POST", &format!("/element/{element}/click"), &json!({})).await;
    }

    /// Types into a field.
    pub async fn write(&self, xpath: &str, text: &str) {
        let element = self.element(xpath).await;
        self.call("POST", &format!("/element/{element}/value"), &json!({"text": text})).await;
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let actions: Vec<Value> =
            keys.chars().flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]).collect();
        self.call("POST", "/actions", &json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]})).await;
    }

    /// The text that a person sees.
    pub async fn text(&self, xpath: &str) -> String {
        let element = self.element(xpath).await;
        self.call("GET", &format!("/element/{element}/text"), &Value::Null).await.as_str().unwrap_or("").to_owned()
    }

    pub async fn title(&self) -> String {
        self.call("GET", "/title", &Value::Null).await.as_str().unwrap_or("").to_owned()
    }

    /// The value of an expression, measured beside the page (its own scripts stay off).
    pub async fn measure(&self, expression: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({"script": format!("return {expression}"), "args": []})).await
    }

    /// Waits until an expression holds: a click does not always wait for the page that it brings.
    pub async fn until(&self, expression: &str) {
        let script = json!({"script": format!("return document.readyState === 'complete' && ({expression})"), "args": []});
        for _ in 0..200 {
            if self.ask("POST", "/execute/sync", &script).await == Ok(Value::Bool(true)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("still not: {expression}, on the page {:?}", self.title().await);
    }

    /// The whole page as PNG into `file`.
    pub async fn picture(&self, file: &Path) {
        let shot = self.devtools("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true})).await;
        let bytes = data_encoding::BASE64.decode(shot["data"].as_str().expect("a picture").as_bytes()).expect("base64");
        std::fs::write(file, bytes).expect("written");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // chromedriver ends its browser when it is asked to; killed at once it would leave it behind
        if let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
            use std::io::{Read, Write};
            let end = format!(
                "DELETE /session{} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                self.session, self.port
            );
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(end.as_bytes()).and_then(|()| stream.read(&mut [0; 4096]));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
