/// Whoever asked Redis something. For each command exactly one of these is called, once.
public protocol ReplyReceiver: AnyObject {
    /// Redis answered, possibly with an error of its own. The reply is valid during the call only.
    func receive(_ reply: Reply)
    /// There will be no answer, and whether the command was carried out may be unknown.
    func fail(_ error: RESPError)
}
