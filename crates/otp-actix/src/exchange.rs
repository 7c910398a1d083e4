//! Bytes in, bytes out.

use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::http::{StatusCode, header::HeaderValue};
use actix_web::{HttpRequest, HttpResponse, rt::time, web::Payload};
use futures_util::StreamExt;
use otp_http::{Api, BODY_LIMIT, Body, Headers, Request, Response};
use std::time::Duration;

/// The route's parameter that holds what follows the mount.
pub(crate) const TAIL: &str = "otp_tail";

pub(crate) async fn answer(
    api: Api,
    timeout: Duration,
    incoming: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let mut request = Request::new(incoming.method().as_str(), path(&incoming));
    request.peer = incoming.peer_addr().map(|peer| peer.ip());
    request.headers = headers(incoming.headers());
    let read = time::timeout(timeout, read(incoming.headers(), body)).await;
    request.body = read.unwrap_or(Body::TimedOut);
    let unread = !matches!(request.body, Body::Complete(_));
    let mut response = reply(api.handle(request).await);
    // What is left of the body would be taken for the next request.
    if unread {
        let close = actix_web::http::ConnectionType::Close;
        response.head_mut().set_connection_type(close);
    }
    response
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

async fn read(headers: &HeaderMap, mut body: Payload) -> Body {
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::to_str);
    let length = length.and_then(|length| length.ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > BODY_LIMIT as u64) {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    while let Some(data) = body.next().await {
        let Ok(data) = data else {
            return Body::Broken;
        };
        if bytes.len() + data.len() > BODY_LIMIT {
            return Body::TooLarge;
        }
        bytes.extend_from_slice(&data);
    }
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
