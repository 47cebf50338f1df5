import CanonicalJSON
import DashboardState
import EventLoop
import FastCGI
import Logging
import RESP

/// Turns requests into questions to Redis, and what cannot become one into problems. One for each loop.
final class StateHandler: RequestHandler {
    let commands: StateCommands
    let link: LoopLink
    let hasher: Hasher
    let log: RequestLog
    let troubles: RedisTroubles
    let renewal: Renewal
    let fields: RequestFields.Names
    let configuration: Configuration
    /// What the answer that is being made consists of.
    ///
    /// Unchecked like what follows: a handler is one loop's, and makes one answer at a time. Checks at run time cost a
    /// request some 60 instructions each.
    @exclusivity(unchecked) var head = AnswerHead()
    @exclusivity(unchecked) var body: [UInt8] = []
    /// The entity tag of a document that other software wrote, when one is read.
    @exclusivity(unchecked) var derivedTag: [UInt8] = []
    @exclusivity(unchecked) var random = RandomPool()
    @exclusivity(unchecked) var key: [UInt8] = []
    @exclusivity(unchecked) var stagingKey: [UInt8] = []
    @exclusivity(unchecked) var documentHead: [UInt8] = []
    let canonicalForm = CanonicalForm()

    init(_ configuration: Configuration, loop: Loop, logger: Logger, troubles: RedisTroubles) {
        self.configuration = configuration
        fields = RequestFields.Names(configuration.identity)
        hasher = Hasher()
        commands = StateCommands(configuration, hasher)
        link = LoopLink(configuration, loop: loop, log: LinkLog(troubles: troubles))
        log = RequestLog(logger)
        renewal = Renewal(commands, link)
        self.troubles = troubles
        loop.afterBatch = { [link] in
            link.flush()
            LogOutput.flush()
        }
    }

    var params: ParamNames { fields.params }

    func handle(_ request: Request, _ responder: any Responder) {
        let fields = RequestFields(request.params, fields)
        let exchange = Exchange(request, fields, responder, handler: self)
        do throws(Problem) {
            try begin(exchange, request, fields)
        } catch {
            exchange.answer(error)
        }
    }

    private func begin(_ exchange: Exchange, _ request: Request, _ fields: RequestFields) throws(Problem) {
        switch request.paramsStatus {
        case .complete: break
        case .tooMany: throw .tooManyFields
        case .holdNUL: throw .unusableFields
        }
        if let secret = configuration.proxySecret, !secret.matches(fields.proxySecret, hasher) {
            throw .wrongProxySecret
        }
        if case .malformedLength = request.bodyStatus { throw .malformedLength }
        let route = Route(
            scriptName: fields.scriptName,
            pathInfo: fields.pathInfo,
            statePath: configuration.statePath
        )
        switch route {
        case .state: try beginState(exchange, request, fields)
        case .health:
            try requireRead(fields.method)
            exchange.answerStatus("ok")
        case .readiness:
            try requireRead(fields.method)
            beginReadiness(exchange)
        case nil: throw .unknownPath
        }
    }

    private func requireRead(_ method: Method) throws(Problem) {
        guard method == .get || method == .head else {
            throw .methodNotAllowed("GET, HEAD", "This resource can only be read.")
        }
    }

    // MARK: The state

    /// The methods of the state, as `Allow` lists them.
    static let allowed: StaticString = "GET, HEAD, POST, DELETE, OPTIONS"

    private func beginState(_ exchange: Exchange, _ request: Request, _ fields: RequestFields) throws(Problem) {
        switch fields.method {
        case .get, .head:
            try takeKey(fields)
            try beginRead(exchange, fields)
        case .post:
            try takeKey(fields)
            try beginSave(exchange, request, fields)
        case .delete:
            try takeKey(fields)
            try beginDelete(exchange, fields)
        case .options: exchange.answerOptions(Self.allowed)
        case .patch:
            throw .methodNotAllowed(Self.allowed, "PATCH is not supported yet: send the whole document with POST.")
        case .other:
            throw .methodNotAllowed(
                Self.allowed,
                "The state is saved with POST, read with GET and deleted with DELETE."
            )
        }
    }

    private func takeKey(_ fields: RequestFields) throws(Problem) {
        let identity: Identity
        do throws(Identity.Failure) {
            identity = try Identity(user: fields.user, workspace: fields.workspace)
        } catch {
            throw switch error {
            case .noUser: .noUser("The web server forwarded no user. Sign in first.")
            case .unusableUser: .unusableIdentity("user")
            case .noWorkspace: .noWorkspace("The web server forwarded no workspace.")
            case .unusableWorkspace: .unusableIdentity("workspace")
            }
        }
        // Tabs share their cookies: another one may have signed in as somebody else since this page was opened.
        if let expected = fields.expectedUser, !identity.isUser(percentEncoded: expected) { throw .otherUser }
        if let expected = fields.expectedWorkspace, !identity.isWorkspace(percentEncoded: expected) {
            throw .otherWorkspace
        }
        key.removeAll(keepingCapacity: true)
        StateKey.append(identity, prefix: configuration.keyPrefix, to: &key)
    }

    /// Makes the key under which a document lies before it is decided on, and nothing after that.
    /// - Returns: whether there is one.
    @discardableResult
    func takeStagingKey(_ tag: EntityTag) -> Bool {
        stagingKey.removeAll(keepingCapacity: true)
        return StagingKey.append(key, prefix: configuration.keyPrefix, tag: tag, to: &stagingKey)
    }

    func conditions(_ fields: RequestFields) throws(Problem) -> StateCommands.Conditions {
        let conditions = StateCommands.Conditions(
            ifMatch: try precondition(fields.ifMatch, "If-Match"),
            ifNoneMatch: try precondition(fields.ifNoneMatch, "If-None-Match"),
            wantsCurrent: fields.prefersRepresentation
        )
        guard !configuration.requiresPrecondition || !conditions.isUnconditional else { throw .preconditionRequired }
        return conditions
    }

    func precondition(
        _ value: UnsafeRawBufferPointer?,
        _ field: StaticString
    ) throws(Problem) -> Precondition {
        do throws(Precondition.Malformed) {
            return try Precondition(value)
        } catch {
            throw .malformedPrecondition(field)
        }
    }
}
