/// What comes back for one command, as far as conversations go by it: a view on the reply that it was made of.
public enum StoreReply: ~Escapable {
    /// A string.
    case bytes(RawSpan)
    /// There is nothing.
    case nothing
    /// It is done.
    case done
    /// A whole number.
    case number(Int)
    /// The store refused the command.
    case refused(Refusal)
    /// Something that is no reply to any command of ours.
    case foreign
    /// There will be no reply.
    /// - Parameter mayBeDone: the command may have been carried out, or may still be.
    case lost(mayBeDone: Bool)
}
