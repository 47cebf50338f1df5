import EventLoop

extension RedisServer {
    /// A loop's connections, of the kind that the servers want. They are made when they are first flushed, or asked.
    /// - Parameters:
    ///   - troubles: told what becomes of them.
    ///   - wait: has writes wait for replicas.
    public func makeLinks(on loop: Loop, _ troubles: RedisTroubles, wait: ReplicaWait?) -> any Redis {
        switch topology {
        case .cluster(let cluster): ClusterLink(self, seeds: cluster.seeds, loop: loop, troubles: troubles, wait: wait)
        case .single, .sentinel: LoopLink(self, loop: loop, troubles: troubles, wait: wait)
        }
    }
}
