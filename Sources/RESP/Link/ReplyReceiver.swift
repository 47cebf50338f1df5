/// Whoever asked Redis something. For each command exactly one of these is called, once; but for several that were sent
/// together, a failure may come after some of the replies, and after a loss the replies come from the first one again.
public protocol ReplyReceiver: AnyObject {
    /// Redis answered, possibly with an error of its own. Neither the reply nor what was sent can be kept.
    /// - Parameters:
    ///   - index: which of the commands that were sent together it answers, from 0; 0 for one sent alone.
    ///   - sent: all of these commands, byte by byte.
    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan)
    /// There will be no answer. A write was certainly not carried out, unless the error is ``RESPError/unanswered``.
    func fail(_ error: RESPError)
}
