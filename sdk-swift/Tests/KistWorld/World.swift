// What tests of the SDK and of apps on it share: a folder, a relay, a framework, a clinic that it admitted, and Alice.

import Foundation
import Kist

/// What the world can't be made of.
public struct WorldError: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// The passphrase of everybody here.
public let passphrase = "correct horse battery staple"

/// A platform at the lowest cost of a passphrase, which reaches a relay on this machine.
public func platform(_ device: String, secureArea: (any SecureArea)? = nil) -> Platform {
    let floor = KdfCost(memoryKib: 19 << 10, passes: 2, lanes: 1)
    var platform = Platform(deviceName: device, secureArea: secureArea, kdfCost: floor)
    platform.allowsLoopback = true
    platform.tlsAuthorities = [someAuthority]
    return platform
}

/// Where it stands, in PEM.
let authorityFile = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardized
    .appendingPathComponent("tests/vectors/trust/anchor.pem")

/// An authority that vouches for nobody here. The core's HTTP client wants one to believe, and a bare system has none.
private let someAuthority: Data = {
    let pem = try? String(contentsOf: authorityFile, encoding: .utf8)
    let base64 = pem?.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined() ?? ""
    return Data(base64Encoded: base64) ?? Data()
}()

/// A folder that is gone with its owner.
public final class Folder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("kist-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public func path(_ name: String) -> URL { url.appendingPathComponent(name) }

    public func alice() async throws(KistError) -> Person {
        try await Person.create(in: path("alice"), platform: platform("Alice's phone"), passphrase: passphrase)
    }
}

/// Everyone and everything of a story.
public struct World: Sendable {
    public let folder: Folder
    public let relay: RelayProcess
    public let framework: Framework
    public let clinic: Organisation
    public let alice: Person

    public init(relayOptions: [String] = []) async throws {
        folder = try Folder()
        relay = try RelayProcess(data: folder.path("relay"), options: relayOptions)
        let operatorProfile = FrameworkProfile(
            label: "Harbour Trust", legalName: "Harbour Trust Framework Ltd", organisationId: "GB-COH-09876543",
            country: "GB")
        framework = try await Framework.create(
            in: folder.path("framework"), platform: platform("operator"), passphrase: passphrase,
            profile: operatorProfile)
        clinic = try await clinicMember.admitted(by: framework, in: folder, relay: relay)
        alice = try await folder.alice()
        try await alice.setRelay(relay.url)
        try await alice.trust.addAnchor(framework.publish(validDays: 30))
    }

    /// Alice's own data: a vCard and an address that she types.
    public func fill() async throws {
        let card = """
            BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Canarywood\r\nN:Canarywood;Alice;;;\r\nBDAY:19840321\r\n\
            TEL;TYPE=cell:07700 900461\r\nEND:VCARD\r\n
            """
        let imported = try await alice.records.importVCard(Data(card.utf8), owner: .mine)
        guard imported.added.count == 3 else { throw WorldError(description: "no name, birth date, telephone number") }
        let address = [
            "street_address": "12 Wrenfield Lane", "locality": "Edinburgh", "postal_code": "EH6 6AB",
        ]
        try await alice.records.add(NewRecord(schema: Schemas.address, encoding: address))
    }

    /// The clinic asks for name, birth date and address, which it needs, and a telephone number, which it would like.
    public func request() async throws -> HostedRequest {
        try await clinic.requests.create(
            asking(for: [
                part("name", Schemas.name, ["given_name", "family_name"]),
                part("birth", Schemas.birth, ["birthdate"]),
                part("address", Schemas.address, ["street_address", "locality", "postal_code"]),
                part("phone", Schemas.phone, ["phone_number"], required: false),
            ]))
    }

    public func deliverVaccination(under agreement: String) async throws(KistError) -> DeliveryReport {
        try await clinic.deliveries.deliver(
            #"{"vaccine":"Comirnaty-QX7","date":"2026-11-20","performer":"Riverside Clinic"}"#,
            schema: Schemas.vaccination, under: agreement)
    }

    /// An organisation that the framework has admitted; the next list names it.
    public func admit(_ member: Member) async throws -> Organisation {
        try await member.admitted(by: framework, in: folder, relay: relay)
    }
}

/// The clinic, with what it may ask for.
public let clinicMember = Member(
    "Riverside Clinic", "GB-COH-01234567",
    asks: [
        Schemas.name: ["given_name", "family_name"], Schemas.birth: ["birthdate"],
        Schemas.address: ["street_address", "locality", "postal_code"], Schemas.phone: ["phone_number"],
    ],
    issues: [Schemas.vaccination])

/// Claims that an organisation asks for, which are given together or not at all.
public func part(_ id: String, _ schema: String, _ claims: [String], required: Bool = true) -> FieldSpec {
    FieldSpec(id: id, schema: schema, claims: claims.map { [$0] }, required: required)
}

/// A request for these fields, under the one use that each organisation here has registered.
public func asking(
    for fields: [FieldSpec], session: BrowserSession? = nil, replaces: String? = nil, rights: Rights? = nil
) -> RequestSpec {
    let usual = Rights(read: true, deliver: true, update: false)
    return RequestSpec(
        useId: "visit", fields: fields, validity: .standing, rights: rights ?? usual, requestSeconds: 600, language: "en",
        session: session, replaces: replaces)
}

/// An organisation with the claims that it may ask for, by schema, and the schemas that it may issue.
public struct Member: Sendable {
    public let name: String
    public let id: String
    public let asks: [String: [String]]
    let issues: [String]
    /// The framework's terms that it accepts: version and hash.
    let terms: (String, String)

    public init(
        _ name: String, _ id: String, asks: [String: [String]], issues: [String] = [],
        terms: (String, String) = ("1", String(repeating: "x", count: 43))
    ) {
        (self.name, self.id, self.asks, self.issues, self.terms) = (name, id, asks, issues, terms)
    }

    public func admitted(by framework: Framework, in folder: Folder, relay: RelayProcess) async throws -> Organisation {
        let site = "https://\(id.lowercased()).example"
        let terms = try OrganisationTerms(of: Data("the terms of \(name)".utf8), at: "\(site)/terms", version: "1")
        let profile = OrganisationProfile(
            legalName: name, organisationId: id, country: "GB", address: "1 River Street, Edinburgh EH1 1AA",
            contact: "mailto:data@riverside.example", privacyNotice: "\(site)/privacy", terms: terms, storage: ["GB"])
        let organisation = try await Organisation.create(
            in: folder.path(id), platform: platform("desk"), passphrase: passphrase, profile: profile)
        try await organisation.setRelay(relay.url)
        let application = try await organisation.apply(with: self.application())
        guard try Framework.read(application: application).contains(name) else {
            throw WorldError(description: "the application doesn't name \(name)")
        }
        try await organisation.install(framework.admit(application))
        return organisation
    }

    /// What it wants to ask for and to issue, and who may ask for it: JSON.
    public func application(suppliers: String = "[]") -> String {
        let credentials = asks.map { schema, claims in
            #"{ "vct": "\#(schema)", "claims": \#(claims.map { [$0] }) }"#
        }
        return """
            {
              "contacts": ["mailto:data@riverside.example"],
              "supervisory_authority": { "name": "Information Commissioner's Office", "uri": "https://ico.example" },
              "intended_uses": [{
                "intended_use_id": "visit",
                "purpose": [
                  { "lang": "en", "value": "To register you for your visit and send you your results" },
                  { "lang": "cy", "value": "I'ch cofrestru ar gyfer eich ymweliad ac anfon eich canlyniadau atoch" }
                ],
                "purpose_code": "dpv:ServiceProvision",
                "legal_basis": "eu-gdpr:A9-2-a",
                "credentials": [\(credentials.joined(separator: ", "))],
                "retention": "P2Y",
                "kept_after_withdrawal": [{ "lang": "en", "value": "The record of your treatment, as the law asks" }]
              }],
              "issues": \(issues),
              "suppliers": \(suppliers),
              "terms": { "version": "\(terms.0)", "sha256": "\(terms.1)" }
            }
            """
    }
}
