//! Bytes in, bytes out.

use actix_web::dev::RequestHead;
use actix_web::guard::GuardContext;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use actix_web::http::{StatusCode, header::HeaderValue};
use actix_web::{HttpRequest, HttpResponse, rt::time, web::Payload};
use futures_util::StreamExt;
use otp_http::{Api, Body, Headers, Request, Response};
use std::{sync::Arc, time::Duration};

/// The route's parameter that holds what follows the mount.
pub(crate) const TAIL: &str = "otp_tail";

pub(crate) async fn answer(
    api: Arc<Api>,
    timeout: Duration,
    incoming: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let mut request = Request::new(incoming.method().as_str(), path(&incoming));
    request.query = incoming.query_string().to_owned();
    let limit = api.body_limit(&request.path);
    request.peer = incoming.peer_addr().map(|peer| peer.ip());
    request.headers = headers(incoming.headers());
    let read = time::timeout(timeout, read(incoming.head(), body, limit)).await;
    request.body = read.unwrap_or(Body::TimedOut);
    let unread = !matches!(request.body, Body::Complete(_)) || incoming.head().upgrade();
    let mut response = reply(api.handle(request).await);
    // What is left of the body would be taken for the next request.
    if unread {
        let close = actix_web::http::ConnectionType::Close;
        response.head_mut().set_connection_type(close);
    }
    response
}

/// Whether a request spells the mount as the host does. actix decodes paths before it matches them, axum does not:
/// there `/%61uth` is not `/auth`.
pub(crate) fn spells(mount: &str) -> impl Fn(&GuardContext<'_>) -> bool + use<> {
    let mount = format!("{}/", mount.trim_end_matches('/'));
    // Parameters can be spelt in many ways.
    let literal = !mount.contains('{');
    move |request| !literal || request.head().uri.path().contains(&mount)
}

/// The path below the mount as the client sent it. actix decodes paths before it matches them, but never to a `/`:
/// what follows the mount has as many of them before as after.
fn path(request: &HttpRequest) -> &str {
    let tail = request.match_info().get(TAIL).unwrap_or_default();
    let raw = request.uri().path();
    let slash = raw.rmatch_indices('/').nth(tail.matches('/').count());
    slash.and_then(|(at, _)| raw.get(at..)).unwrap_or(raw)
}

pub(crate) fn headers(fields: &HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.push(name.as_str(), value.as_bytes());
    }
    headers
}

async fn read(head: &RequestHead, mut body: Payload, limit: usize) -> Body {
    let length = head.headers.get(CONTENT_LENGTH).map(HeaderValue::to_str);
    let length = length.and_then(|length| length.ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Body::TooLarge;
    }
    // What follows a request for an upgrade is a stream without an end to actix, whatever its length says.
    let endless = head.upgrade() && !head.headers.contains_key(TRANSFER_ENCODING);
    let end = endless.then(|| length.unwrap_or(0));
    let mut bytes = Vec::new();
    while end.is_none_or(|end| bytes.len() < end) {
        let Some(data) = body.next().await else {
            break;
        };
        let Ok(data) = data else {
            return Body::Broken;
        };
        if bytes.len() + data.len() > limit {
            return Body::TooLarge;
        }
        bytes.extend_from_slice(&data);
    }
    bytes.truncate(end.unwrap_or(limit));
    Body::Complete(bytes)
}

pub(crate) fn reply(response: Response) -> HttpResponse {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = HttpResponse::build(status);
    for field in response.headers {
        reply.append_header(field);
    }
    reply.body(response.body)
}
