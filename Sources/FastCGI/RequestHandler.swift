/// What a program does with requests. Each loop thread has one of its own and calls it on that thread only.
public protocol RequestHandler: AnyObject {
    /// Takes a request and answers it with ``Connection/respond(head:body:)``, at once or later on the same thread.
    ///
    /// ``Connection/body`` is valid during this call only; ``Connection/params`` until the answer.
    func handle(_ connection: Connection)

    /// The server was asked to stop: requests still arrive until the connections are gone.
    func drain()
}
