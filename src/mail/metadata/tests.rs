//! Files with a canary wherever a program may put a name; cleaned ones hold it nowhere, also unpacked, and still open.

use std::io::Write as _;

use super::{Cleaned, clean};

const CANARY: &str = "CANARY-CHEN-XIAOHUA";

fn cleaned(data: &[u8]) -> (Vec<u8>, &'static str) {
    match clean(data) {
        Cleaned::Clean { bytes, ending, .. } => (bytes, ending),
        Cleaned::Withheld => panic!("withheld"),
    }
}

fn holds(data: &[u8]) -> bool {
    memchr::memmem::find(data, CANARY.as_bytes()).is_some()
}

fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, kind];
    out.extend(u16::try_from(body.len() + 2).expect("short").to_be_bytes());
    out.extend(body);
    out
}

#[test]
fn a_jpeg_keeps_its_picture_and_nothing_else() {
    let mut data = vec![0xff, 0xd8];
    data.extend(segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"));
    data.extend(segment(0xe1, format!("Exif\0\0{CANARY}").as_bytes()));
    data.extend(segment(0xed, CANARY.as_bytes()));
    data.extend(segment(0xfe, CANARY.as_bytes()));
    data.extend(segment(0xdb, &[7; 65]));
    data.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    data.extend([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]);
    data.extend([0xff, 0xd9]);
    data.extend(CANARY.as_bytes());
    let (bytes, ending) = cleaned(&data);
    assert!(!holds(&bytes) && ending == "jpg");
    assert!(
        memchr::memmem::find(&bytes, &[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9]).is_some() && bytes.windows(65).any(|w| w == [7; 65])
    );
}

#[test]
fn png_gif_and_webp_lose_their_comments() {
    let chunk = |kind: &[u8; 4], body: &[u8]| {
        let mut out = u32::try_from(body.len()).expect("short").to_be_bytes().to_vec();
        out.extend(kind);
        out.extend(body);
        out.extend([0; 4]);
        out
    };
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in
        [(b"IHDR", &[1_u8; 13][..]), (b"tEXt", CANARY.as_bytes()), (b"eXIf", CANARY.as_bytes()), (b"IDAT", &[9; 5]), (b"IEND", &[])]
    {
        png.extend(chunk(kind, body));
    }
    png.extend(CANARY.as_bytes());
    let (bytes, _) = cleaned(&png);
    assert!(!holds(&bytes) && memchr::memmem::find(&bytes, b"IDAT").is_some());

    let mut gif = b"GIF89a\x01\0\x01\0\0\0\0".to_vec();
    gif.extend([0x21, 0xfe, u8::try_from(CANARY.len()).expect("short")]);
    gif.extend(CANARY.as_bytes());
    gif.push(0);
    gif.extend([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x44, 0, 0x3b]);
    let (bytes, _) = cleaned(&gif);
    assert!(!holds(&bytes) && bytes.ends_with(&[0x44, 0, 0x3b]));

    let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
    for (kind, body) in [(b"VP8X", &[0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0][..]), (b"VP8 ", &[5; 4]), (b"EXIF", CANARY.as_bytes())] {
        webp.extend(kind);
        webp.extend(u32::try_from(body.len()).expect("short").to_le_bytes());
        webp.extend(body);
        if body.len() % 2 == 1 {
            webp.push(0);
        }
    }
    let size = u32::try_from(webp.len() - 8).expect("short").to_le_bytes();
    webp[4..8].copy_from_slice(&size);
    let (bytes, _) = cleaned(&webp);
    assert!(!holds(&bytes) && bytes[20] == 0 && memchr::memmem::find(&bytes, &[5; 4]).is_some());
}

/// An archive as office programs write them.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, body) in parts {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(body).expect("memory");
        let packed = encoder.finish().expect("memory");
        let mut head = vec![20, 0, 0, 0, 8, 0, 1, 2, 3, 4, 0, 0, 0, 0];
        head.extend(u32::try_from(packed.len()).expect("short").to_le_bytes());
        head.extend(u32::try_from(body.len()).expect("short").to_le_bytes());
        head.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        head.extend([0, 0]);
        let at = u32::try_from(out.len()).expect("short");
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = u32::try_from(out.len()).expect("short");
    let size = u32::try_from(directory.len()).expect("short");
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(parts.len()).expect("few").to_le_bytes();
    out.extend(count);
    out.extend(count);
    out.extend(size.to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// Everything in an archive, unpacked.
fn unpacked(data: &[u8]) -> Vec<u8> {
    super::office::tests_unpack(data).into_iter().flat_map(|(name, body)| [name.into_bytes(), body].concat()).collect()
}

#[test]
fn office_files_lose_their_authors_and_keep_their_words() {
    let core = format!("<cp:coreProperties><dc:creator>{CANARY}</dc:creator></cp:coreProperties>");
    let words = format!("<w:document><w:ins w:author=\"{CANARY}\"><w:t>成績有誤</w:t></w:ins></w:document>");
    let comments = format!("<w:comment w:author=\"{CANARY}\" w:initials=\"{CANARY}\"/>");
    let parts: &[(&str, &[u8])] = &[
        ("[Content_Types].xml", b"<Types/>"),
        ("docProps/core.xml", core.as_bytes()),
        ("docProps/app.xml", CANARY.as_bytes()),
        ("word/document.xml", words.as_bytes()),
        ("word/comments.xml", comments.as_bytes()),
    ];
    let (bytes, ending) = cleaned(&archive(parts));
    let all = unpacked(&bytes);
    assert_eq!(ending, "docx");
    assert!(!holds(&all), "{}", String::from_utf8_lossy(&all));
    assert!(String::from_utf8_lossy(&all).contains("成績有誤"));
    // A macro, a plain archive, a bomb's first bytes: withheld.
    assert_eq!(clean(&archive(&[("word/document.xml", b"<w/>"), ("word/vbaProject.bin", b"x")])), Cleaned::Withheld);
    assert_eq!(clean(&archive(&[("a.exe", b"MZ")])), Cleaned::Withheld);
    assert_eq!(clean(b"PK\x03\x04rubbish"), Cleaned::Withheld);
}

#[test]
fn a_pdf_loses_its_information_in_place() {
    let pdf = format!(
        "%PDF-1.4\n1 0 obj\n<< /Author ({CANARY}) /Title (a \\) {CANARY}) /Producer <{}> >>\nendobj\n2 0 obj\n<< /Type /Metadata >>\nstream\n<?xpacket begin?>{CANARY}<?xpacket end?>\nendstream\nendobj\n3 0 obj\n(words stay)\nendobj\ntrailer\n<< /Info 1 0 R >>\n",
        data_encoding::HEXUPPER.encode(CANARY.as_bytes())
    );
    let (bytes, _) = cleaned(pdf.as_bytes());
    assert!(!holds(&bytes) && memchr::memmem::find(&bytes, data_encoding::HEXUPPER.encode(CANARY.as_bytes()).as_bytes()).is_none());
    assert_eq!(bytes.len(), pdf.len());
    assert!(memchr::memmem::find(&bytes, b"words stay").is_some());
    // Encrypted; or its information packed away.
    assert_eq!(clean(b"%PDF-1.7\ntrailer << /Encrypt 5 0 R >>"), Cleaned::Withheld);
    assert_eq!(clean(b"%PDF-1.7\n9 0 obj << /Type /XRef /Info 4 0 R >> stream"), Cleaned::Withheld);
}

#[test]
fn what_is_not_known_is_withheld_and_words_go_on() {
    assert_eq!(clean(b"\0\0\0\x18ftypheic"), Cleaned::Withheld);
    assert_eq!(clean(&[0xd0, 0xcf, 0x11, 0xe0]), Cleaned::Withheld);
    assert_eq!(cleaned("成績單\n".as_bytes()).1, "txt");
}

#[test]
fn names_hide_behind_no_letter_case_quote_or_prefix() {
    let person = format!("<x:author xmlns:x='u' name='{CANARY}' initials = \"{CANARY}\"/>");
    let words = format!(
        "<w:document><w:ins w:Author='{CANARY}'><w:t>成績有誤 &gt; 60</w:t></w:ins><a b='x > y' ns0:author='{CANARY}'/></w:document>"
    );
    let rels =
        format!("<Relationships><Relationship Target=\"file:///C:\\Users\\{CANARY}\\x.dotm\" TargetMode=\"External\"/></Relationships>");
    let creator = format!("<q:creator>{CANARY}</q:creator>");
    let parts: &[(&str, &[u8])] = &[
        ("[Content_Types].xml", b"<Types/>"),
        ("DOCPROPS/Core.XML", CANARY.as_bytes()),
        ("/docProps\\app.xml", CANARY.as_bytes()),
        ("word/Document.xml", words.as_bytes()),
        ("word/people.xml", person.as_bytes()),
        ("word/_rels/settings.xml.rels", rels.as_bytes()),
        ("customXml/item1.xml", CANARY.as_bytes()),
        ("word/comments.XML", creator.as_bytes()),
        ("xl/printerSettings/printerSettings1.bin", CANARY.as_bytes()),
    ];
    let (bytes, ending) = cleaned(&archive(parts));
    let all = unpacked(&bytes);
    assert_eq!(ending, "docx");
    assert!(!holds(&all), "{}", String::from_utf8_lossy(&all));
    let text = String::from_utf8_lossy(&all).into_owned();
    assert!(text.contains("成績有誤 &gt; 60") && text.contains("b='x > y'"), "{text}");
    // What cannot be cleaned takes the whole file with it.
    let utf16: Vec<u8> = "<?xml version='1.0'?><w:document/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, body) in [
        ("word/media/image1.heic", &b"\0\0\0\x18ftypheic"[..]),
        ("word/media/image1.tiff", b"II*\0"),
        ("word/media/a.docx", b"PK\x03\x04"),
        ("word/header1.xml", &utf16),
        ("_xmlsignatures/sig1.xml", b"<Signature/>"),
        ("WORD/VBAPROJECT.BIN", b"x"),
    ] {
        assert_eq!(clean(&archive(&[("word/document.xml", b"<w/>"), (name, body)])), Cleaned::Withheld, "{name}");
    }
}

fn packed(body: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(body.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn a_pdf_tells_neither_who_annotated_it_nor_where_its_pictures_were_taken() {
    let exif = format!("Exif\0\0{CANARY}");
    let mut pdf = format!("%PDF-1.7\n1 0 obj\n<< /Type /Annot /Subtype /Highlight /T ({CANARY}\\) x) /Contents (words stay) >>\nendobj\n2 0 obj\n<< /FT /Tx /T (field1) >>\nendobj\n3 0 obj\n<< /Filter /DCTDecode >>\nstream\n").into_bytes();
    pdf.extend([0xff, 0xd8]);
    pdf.extend(segment(0xe1, exif.as_bytes()));
    pdf.extend(b"\xff\xd9\nendstream\nendobj\n");
    let (bytes, _) = cleaned(&pdf);
    assert!(!holds(&bytes) && bytes.len() == pdf.len());
    assert!(memchr::memmem::find(&bytes, b"words stay").is_some() && memchr::memmem::find(&bytes, b"(field1)").is_some());

    let with = |inner: &str| {
        let mut pdf = b"%PDF-1.7\n5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n".to_vec();
        pdf.extend(packed(inner));
        pdf.extend(b"\nendstream\nendobj\n");
        pdf
    };
    assert!(matches!(clean(&with("7 0 << /Type /Page /MediaBox [0 0 1 1] >>")), Cleaned::Clean { .. }));
    for inner in [
        format!("7 0 << /Author ({CANARY}) >>"),
        format!("7 0 << /Type /Annot /Subtype /Text /T ({CANARY}) >>"),
        format!("7 0 << /Type /Filespec /F ({CANARY}) >>"),
    ] {
        assert_eq!(clean(&with(&inner)), Cleaned::Withheld, "{inner}");
    }
    for pdf in [
        &b"%PDF-1.7\n5 0 obj << /Type /ObjStm /Filter /LZWDecode >> stream\nx"[..],
        b"%PDF-1.7\n5 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\nrubbish",
        b"%PDF-1.7\n5 0 obj << /Type /Sig /ByteRange [0 1 2 3] >>",
        b"%PDF-1.7\n5 0 obj << /A#75thor (x) >>",
        b"%PDF-1.7\n5 0 obj << /Filter [ /FlateDecode /DCTDecode ] >>",
    ] {
        assert_eq!(clean(pdf), Cleaned::Withheld, "{}", String::from_utf8_lossy(pdf));
    }
}

#[test]
fn films_foreign_pictures_and_texts_that_name_people_are_withheld() {
    for data in [
        &b"\0\0\0\x20ftypisom"[..],
        b"\0\0\0\x14ftypqt  ",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypavif",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"{\\rtf1{\\info{\\author X}}}",
        b"BEGIN:VCARD\nFN:X\n",
        b"\xef\xbb\xbf<svg><metadata>X</metadata></svg>",
        b"From: x@y.example\nMessage-ID: <1@y.example>\n\nwords",
    ] {
        assert_eq!(clean(data), Cleaned::Withheld, "{}", String::from_utf8_lossy(data));
    }
    assert_eq!(cleaned("From: 我家到學校\n時間：十分鐘\n".as_bytes()).1, "txt");
}
