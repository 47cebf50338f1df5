import CanonicalJSON
import DashboardState
import FastCGI
import StateStore

/// Turns requests into questions to the store, and what cannot become one into problems. One for each loop.
final class StateHandler: RequestHandler {
    let store: StateStore
    let hasher: Hasher
    let log: RequestLog
    /// `nil` where nobody can ask for what is counted.
    let metrics: LoopMetrics?
    /// `nil` where nothing is traced.
    let tracer: LoopTracer?
    /// Whether anything is: to ask the tracer itself would count a reference.
    let isTracing: Bool
    let fields: RequestFields.Names
    let configuration: Configuration
    /// What the answer that is being made consists of.
    ///
    /// Unchecked like what follows: a handler is one loop's, and makes one answer at a time. Checks at run time cost a
    /// request some 60 instructions each.
    @exclusivity(unchecked) var head = AnswerHead()
    @exclusivity(unchecked) var body: [UInt8] = []
    let canonicalForm = CanonicalForm()

    init(
        _ configuration: Configuration,
        _ store: StateStore,
        _ hasher: Hasher,
        _ log: RequestLog,
        _ metrics: LoopMetrics? = nil,
        _ tracer: LoopTracer? = nil
    ) {
        self.configuration = configuration
        self.store = store
        self.hasher = hasher
        fields = RequestFields.Names(configuration.identity, isTracing: tracer != nil)
        self.log = log
        self.metrics = metrics
        self.tracer = tracer
        isTracing = tracer != nil
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
        guard request.isWhole else { return tellBrokenOff(exchange, fields) }
        switch request.paramsStatus {
        case .complete: break
        case .tooMany: throw .tooManyFields
        case .holdNUL: throw .unusableFields
        }
        if let secret = configuration.proxySecret, !secret.matches(fields.proxySecret, hasher) {
            throw .wrongProxySecret
        }
        if case .malformedLength = request.bodyStatus { throw .malformedLength }
        let route = route(fields)
        exchange.knows(route)
        switch route {
        case .state: try beginState(exchange, request, fields)
        case .health:
            try requireRead(fields.method)
            exchange.answerStatus("ok")
        case .readiness:
            try requireRead(fields.method)
            exchange.asks(.set)
            store.tryWrite(for: exchange)
        case nil: throw .unknownPath
        }
    }

    private func route(_ fields: RequestFields) -> Route? {
        Route(scriptName: fields.scriptName, pathInfo: fields.pathInfo, statePath: configuration.statePath)
    }

    /// Nothing is done for a request that may have been meant to be another one; but whoever looks for it finds it.
    @inline(never)
    private func tellBrokenOff(_ exchange: Exchange, _ fields: RequestFields) {
        let route = route(fields)
        exchange.knows(route)
        let isProven = configuration.proxySecret?.matches(fields.proxySecret, hasher) ?? true
        if route == .state, isProven, let identity = try? forwardedIdentity(fields) { exchange.isFor(identity) }
        exchange.breakOff()
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
        case .get, .head: try beginRead(exchange, try identity(fields, exchange), fields)
        case .post: try beginSave(exchange, try identity(fields, exchange), request, fields)
        case .delete: try beginDelete(exchange, try identity(fields, exchange), fields)
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

    @_lifetime(copy fields)
    private func identity(_ fields: RequestFields, _ exchange: Exchange) throws(Problem) -> Identity {
        let identity = try forwardedIdentity(fields)
        exchange.isFor(identity)
        // Tabs share their cookies: another one may have signed in as somebody else since this page was opened.
        if let expected = fields.expectedUser, !identity.isUser(percentEncoded: expected) { throw .otherUser }
        if let expected = fields.expectedWorkspace, !identity.isWorkspace(percentEncoded: expected) {
            throw .otherWorkspace
        }
        return identity
    }

    @_lifetime(copy fields)
    private func forwardedIdentity(_ fields: RequestFields) throws(Problem) -> Identity {
        do throws(Identity.Failure) {
            return try Identity(user: fields.user, workspace: fields.workspace)
        } catch {
            throw switch error {
            case .noUser: .noUser("The web server forwarded no user. Sign in first.")
            case .unusableUser: .unusableIdentity("user")
            case .noWorkspace: .noWorkspace("The web server forwarded no workspace.")
            case .unusableWorkspace: .unusableIdentity("workspace")
            }
        }
    }

    func conditions(_ fields: RequestFields) throws(Problem) -> Conditions {
        let conditions = Conditions(
            ifMatch: try precondition(fields.ifMatch, "If-Match"),
            ifNoneMatch: try precondition(fields.ifNoneMatch, "If-None-Match"),
            wantsCurrent: fields.prefersRepresentation
        )
        guard !configuration.requiresPrecondition || !conditions.isUnconditional else { throw .preconditionRequired }
        return conditions
    }

    func precondition(
        _ value: RawSpan?,
        _ field: StaticString
    ) throws(Problem) -> Precondition {
        do throws(Precondition.Malformed) {
            return try Precondition(value)
        } catch {
            throw .malformedPrecondition(field)
        }
    }
}
