/// A short message to be sent by whoever receives `message.requested`. Goes through `OutboxStore.emitSealed` and nowhere else.
package struct OutgoingMessage: Encodable, Sendable {
    /// The mainland number, eleven digits.
    let phone: String
    /// For gateways that send only what they have on file: `sign_in_code`.
    let template: String
    let language: String
    /// What the template is filled with.
    let parameters: [String: String]
    /// For gateways that send any text.
    let text: String

    package init(phone: PhoneNumber, template: String, language: String, parameters: [String: String], text: String) {
        self.phone = phone.text
        self.template = template
        self.language = language
        self.parameters = parameters
        self.text = text
    }
}
