import EventLoop
import RESP

/// The question for the map of a cluster to one of its nodes, over a connection of its own: a replica may be asked as well,
/// and nothing else waits behind the answer.
final class MapQuestion: ReplyReceiver {
    private let lane: Lane
    /// Which node it is.
    let asked: Endpoint.Address
    /// Called once at most.
    private var onEnd: (Result<SlotMap, RESPError>) -> Void

    /// Asks.
    /// - Parameter server: the node alone.
    init(
        _ server: RedisServer,
        at address: Endpoint.Address,
        _ loop: Loop,
        onEnd: @escaping (Result<SlotMap, RESPError>) -> Void
    ) {
        self.onEnd = onEnd
        asked = address
        let link = LoopLink.makeLink(server)
        link.takesReplicas = true
        lane = Lane(link, loop)
        link.onEvent = { [weak self] in
            switch $0 {
            case .refused(let reason), .lost(let reason): self?.end(.failure(reason))
            case .connected, .unusableFiles: break
            }
        }
        link.send(isWrite: false, to: self, now: loop.now) { StateCommands.askForSlots($0) }
    }

    func flush() { lane.flush() }

    /// Lets go of the connection. Not while anything of it is being called.
    func close() {
        onEnd = { _ in }
        lane.close()
    }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        if reply.kind.isError {
            end(.failure(.noMap(ServerError(reply).code)))
        } else if let map = SlotMap(reply, asked: asked) {
            // A node that belongs to no cluster yet, or no more, knows of nothing.
            end(map.masters.isEmpty ? .failure(.noMap(.clusterDown)) : .success(map))
        } else {
            end(.failure(.noMap(nil)))
        }
    }

    func fail(_ error: RESPError) { end(.failure(error)) }

    private func end(_ result: Result<SlotMap, RESPError>) {
        let call = onEnd
        onEnd = { _ in }
        call(result)
    }
}
