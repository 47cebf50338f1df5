/// What sentinels are asked.
///
/// Source: <https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/>, "Sentinel API".
public enum SentinelCommands {
    /// Two commands: the first has the number of the last failover, the second the address of the master, which names the
    /// new one as soon as it is promoted.
    public static func askForMaster(_ name: String, _ encoder: CommandEncoder) {
        let name = Array(name.utf8)
        encoder.begin(argumentCount: 3)
        encoder.argument("SENTINEL")
        encoder.argument("MASTER")
        encoder.argument(name)
        encoder.begin(argumentCount: 3)
        encoder.argument("SENTINEL")
        encoder.argument("GET-MASTER-ADDR-BY-NAME")
        encoder.argument(name)
    }

    /// Has a sentinel tell of each other master that it takes.
    public static func subscribe(_ encoder: CommandEncoder) {
        encoder.begin(argumentCount: 2)
        encoder.argument("SUBSCRIBE")
        encoder.argument("+switch-master")
    }
}
