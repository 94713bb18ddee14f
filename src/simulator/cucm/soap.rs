//! SOAP envelopes: what is asked, and how faults are written.

use hyper::Response;
use roxmltree::Node;

use crate::simulator::answer::{Body, element, escape, whole};

/// The content type of AXL and RIS answers.
pub(super) const CONTENT_TYPE: &str = "text/xml;charset=utf-8";

/// The operation element of a request.
pub(super) fn operation<'a, 'i>(document: &'a roxmltree::Document<'i>) -> Option<Node<'a, 'i>> {
    let envelope = document.root_element();
    let body = child(envelope, "Body").filter(|_| envelope.tag_name().name() == "Envelope")?;
    body.children().find(Node::is_element)
}

/// The first child of that name, whatever its namespace.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The trimmed text of a child, empty where there is none.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).and_then(|child| child.text()).unwrap_or("").trim()
}

/// The whole text of an element that may be cut into several pieces (CDATA).
pub(super) fn joined_text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|piece| piece.text())
        .collect()
}

/// An envelope around a body.
pub(super) fn envelope(body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// An AXL fault with status 500.
pub(super) fn axl_fault(code: i32, message: &str, request: &str) -> Response<Body> {
    let side = if code == -1 { "Server" } else { "Client" };
    let detail = [
        element("axlcode", &code.to_string()),
        element("axlmessage", message),
        element("request", request),
    ]
    .concat();
    let fault = format!(
        "<soapenv:Fault><faultcode>soapenv:{side}</faultcode><faultstring>{}</faultstring><detail><axlError>{detail}\
         </axlError></detail></soapenv:Fault>",
        escape(message)
    );
    whole(500, CONTENT_TYPE, envelope(&fault))
}

/// A fault without AXL's detail, with status 500.
pub(super) fn plain_fault(code: &str, message: &str) -> Response<Body> {
    let fault = format!(
        "<soapenv:Fault><faultcode>{}</faultcode><faultstring>{}</faultstring><detail/></soapenv:Fault>",
        escape(code),
        escape(message)
    );
    whole(500, CONTENT_TYPE, envelope(&fault))
}
