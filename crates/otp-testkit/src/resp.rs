//! As much of the Redis protocol as setting up a server takes, without the client that is under test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// Sends one command; the reply as text, the elements of an array on a line each.
pub(crate) fn command(port: u16, words: &[&str]) -> io::Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    (&stream).write_all(request.as_bytes())?;
    reply(&mut BufReader::new(&stream))
}

fn reply(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let line = line.trim_end();
    let (kind, rest) = line
        .split_at_checked(1)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let length = || rest.parse::<i64>().map_err(io::Error::other);
    match kind {
        "+" | ":" => Ok(rest.to_owned()),
        "-" => Err(io::Error::other(rest.to_owned())),
        "$" => text(from, length()?),
        "*" => (0..length()?)
            .map(|_| reply(from))
            .collect::<io::Result<Vec<_>>>()
            .map(|parts| parts.join("\n")),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn text(from: &mut impl Read, length: i64) -> io::Result<String> {
    let Ok(length) = usize::try_from(length) else {
        return Ok(String::new());
    };
    let mut bytes = vec![0; length + 2];
    from.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
