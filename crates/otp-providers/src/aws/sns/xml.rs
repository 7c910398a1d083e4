//! As much of XML as SNS needs: whether an element is there, and the text of one, at any depth and in any namespace.
//! It writes neither comments nor CDATA.

/// Whether such an element begins somewhere.
pub(super) fn has(body: &str, name: &str) -> bool {
    tags(body).any(|(tag, _, _)| tag == name)
}

/// What the first such element says that holds nothing but a text, all of which came.
pub(super) fn text<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let mut tags = tags(body).filter(|(tag, _, ends)| *tag == name && *ends);
    let (_, text, _) = tags.next()?;
    Some(text.trim())
}

/// Every tag with the text behind it, and whether an end tag follows.
fn tags(body: &str) -> impl Iterator<Item = (&str, &str, bool)> {
    let next = body.split('<').skip(2).map(Some).chain([None]);
    let pieces = body.split('<').skip(1).zip(next);
    pieces.filter_map(|(piece, next)| {
        let (tag, text) = piece.split_once('>')?;
        let ends = next.is_some_and(|next| next.starts_with('/'));
        Some((local(tag)?, text, ends))
    })
}

/// The name of a start tag, without its namespace and attributes.
fn local(tag: &str) -> Option<&str> {
    let name = tag.split_ascii_whitespace().next()?;
    (!name.starts_with('/')).then(|| name.rsplit(':').next().unwrap_or(name))
}
