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
    private let configuration: Configuration
    /// What the answer that is being made consists of.
    ///
    /// Unchecked like what follows: a handler is one loop's, and makes one answer at a time. Checks at run time cost a
    /// request some 60 instructions each.
    @exclusivity(unchecked) var head = AnswerHead()
    @exclusivity(unchecked) var body: [UInt8] = []
    /// The entity tag of a document that other software wrote, when one is read.
    @exclusivity(unchecked) var derivedTag: [UInt8] = []
    @exclusivity(unchecked) private var random = RandomPool()
    @exclusivity(unchecked) private var key: [UInt8] = []
    @exclusivity(unchecked) private var stagingKey: [UInt8] = []
    @exclusivity(unchecked) private var documentHead: [UInt8] = []
    private let canonicalForm = CanonicalForm()

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
            let tag = EntityTag(using: &random)
            exchange.ask(.readiness(ReadinessConversation())) { commands.tryWrite(tag, $0) }
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

    private func beginRead(_ exchange: Exchange, _ fields: RequestFields) throws(Problem) {
        let read = ReadConversation(
            ifMatch: try precondition(fields.ifMatch, "If-Match"),
            ifNoneMatch: try precondition(fields.ifNoneMatch, "If-None-Match")
        )
        exchange.ask(.read(read)) { commands.read(key, $0) }
    }

    private func beginDelete(_ exchange: Exchange, _ fields: RequestFields) throws(Problem) {
        let conditions = try conditions(fields)
        if !conditions.isUnconditional { takeStagingKey(EntityTag(using: &random)) }
        exchange.ask(.delete(DeleteConversation(isConditional: !conditions.isUnconditional))) {
            commands.delete(key, spare: stagingKey, conditions, $0)
        }
    }

    private func beginSave(_ exchange: Exchange, _ request: Request, _ fields: RequestFields) throws(Problem) {
        let conditions = try conditions(fields)
        guard fields.isJSON else { throw .notJSON }
        guard !fields.isEncoded else { throw .encodedBody }
        let bytes = request.body
        switch request.bodyStatus {
        case .complete: break
        case .tooLong(let length): throw .tooLarge(limit: configuration.maxBody, actual: length)
        case .unexpectedLength(let announced): throw .unexpectedLength(announced: announced, received: bytes.count)
        case .malformedLength: throw .malformedLength
        }
        let body: SaveBody
        do throws(BodyError) { body = try SaveBody.parse(bytes, canonicalForm) } catch { throw .invalidBody(error) }
        let state = UnsafeRawBufferPointer(rebasing: bytes[body.state])
        let checksum = body.checksum.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
        if let checksum { try verify(checksum, of: state, body.stateForm) }

        let tag = EntityTag(using: &random)
        documentHead.removeAll(keepingCapacity: true)
        DocumentHead.append(
            version: body.version,
            lastModified: body.lastModified ?? Timestamp(milliseconds: Clock.unixMilliseconds()),
            tag: tag,
            checksum: checksum,
            ancestry: body.ancestry.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
            to: &documentHead
        )
        let isStaged = takeStagingKey(tag) && state.count >= StateCommands.stagedLength
        documentHead.withUnsafeBytes { head in
            let save = StateCommands.Save(
                version: body.version,
                head: head,
                state: state,
                hasClientTime: body.lastModified != nil,
                conditions: conditions
            )
            let talk = Talk.save(SaveConversation(isStaged: isStaged), version: body.version, tag: tag)
            if isStaged {
                exchange.askStaged(talk, length: state.count) {
                    commands.stagedSave(key, staging: stagingKey, save, $0)
                }
            } else {
                exchange.ask(talk, length: state.count) {
                    commands.save(key, spare: stagingKey, save, $0)
                }
            }
        }
    }

    /// Makes the key under which a document lies before it is decided on, and nothing after that.
    /// - Returns: whether there is one.
    @discardableResult
    private func takeStagingKey(_ tag: EntityTag) -> Bool {
        stagingKey.removeAll(keepingCapacity: true)
        return StagingKey.append(key, prefix: configuration.keyPrefix, tag: tag, to: &stagingKey)
    }

    private func conditions(_ fields: RequestFields) throws(Problem) -> StateCommands.Conditions {
        let conditions = StateCommands.Conditions(
            ifMatch: try precondition(fields.ifMatch, "If-Match"),
            ifNoneMatch: try precondition(fields.ifNoneMatch, "If-None-Match"),
            wantsCurrent: fields.prefersRepresentation
        )
        guard !configuration.requiresPrecondition || !conditions.isUnconditional else { throw .preconditionRequired }
        return conditions
    }

    private func precondition(
        _ value: UnsafeRawBufferPointer?,
        _ field: StaticString
    ) throws(Problem) -> Precondition {
        do throws(Precondition.Malformed) {
            return try Precondition(value)
        } catch {
            throw .malformedPrecondition(field)
        }
    }

    private func verify(
        _ checksum: UnsafeRawBufferPointer,
        of state: UnsafeRawBufferPointer,
        _ known: StateForm
    ) throws(Problem) {
        let form: UnsafeRawBufferPointer
        do throws(CanonicalError) {
            form =
                switch known {
                case .own: state
                case .made: try canonicalForm.made()
                case .unknown: try canonicalForm.bytes(of: state)
                }
        } catch {
            throw .noCanonicalForm(error)
        }
        let actual = hasher.sha256(form)
        guard actual.elementsEqual(checksum) else {
            throw .checksumMismatch(actual: String(decoding: actual, as: UTF8.self))
        }
    }
}
