// A desk service asks for the clinic: the clinic orders, the desk carries, Alice sees both, and the clinic alone opens.

import Foundation
import Kist
import KistWorld
import Testing

private let deskMember = Member("Desk Services", "GB-COH-00000050", asks: [Schemas.name: ["given_name"]])
private let asked = asking(for: [part("name", Schemas.name, ["given_name"])])

@Suite(.timeLimit(.minutes(5))) struct SupplierTests {
    @Test func t3_a_desk_asks_for_the_clinic_which_alone_opens_the_answer() async throws {
        let world = try await World()
        try await world.fill()
        let (alice, clinic) = (world.alice, world.clinic)
        let desk = try await world.admit(deskMember)
        try await mandate(in: world)
        try await alice.trust.addAnchor(world.framework.publish(validDays: 30))

        let commission = try await clinic.commissions.order(asked, from: desk.commissions.card())
        let hosted = try await desk.commissions.carry(commission)
        #expect(try await desk.commissions.carried(hosted.id) == nil)
        #expect(try await desk.requests.list().map(\.organisation) == ["Riverside Clinic"])

        let open = try await alice.requests.open(hosted.uri)
        let asker = open.evaluation.asker
        #expect(asker.organisation.name == "Desk Services" && asker.onBehalfOf?.name == "Riverside Clinic")
        let consent = try #require(try await alice.requests.answer(open.id, with: open.required))
        #expect(consent.organisation == "Riverside Clinic")

        let carried = try #require(try await desk.commissions.carried(hosted.id, waiting: .seconds(10)))
        #expect(!carried.contains("Alice"))
        let sealed = await failure { () throws(KistError) in try await desk.commissions.open(carried) }
        #expect(sealed?.code == .notFound)
        #expect(try await desk.agreements.list().isEmpty)
        let answer = try #require(try await clinic.commissions.open(carried))
        #expect(answer.agreement == consent.id && answer.fields.map(\.value) == [#""Alice""#])
        #expect(try await clinic.commissions.open(carried) == answer, "however often it is brought")
        try await desk.requests.close(hosted.id)

        try await alice.inbox.refresh()
        #expect(try await alice.consents.get(consent.id).summary.state == .inForce)
        world.relay.stop()
    }

    @Test func a18_a_commission_serves_the_supplier_that_the_registration_names_and_no_other() async throws {
        let world = try await World()
        let clinic = world.clinic
        let desk = try await world.admit(deskMember)
        let shop = try await world.admit(Member("Corner Shop", "GB-COH-00000051", asks: deskMember.asks))
        let (card, others) = (try await desk.commissions.card(), try await shop.commissions.card())
        let early = await failure { () throws(KistError) in try await clinic.commissions.order(asked, from: card) }
        #expect(early?.code == .organisationNotTrusted, "it isn't registered")
        try await mandate(in: world)
        let other = await failure { () throws(KistError) in try await clinic.commissions.order(asked, from: others) }
        #expect(other?.code == .organisationNotTrusted)
        let commission = try await clinic.commissions.order(asked, from: card)
        let mixedUp = await failure { () throws(KistError) in try await shop.commissions.carry(commission) }
        #expect(mixedUp?.code == .mixUpRefused)
        #expect(try await shop.requests.list().isEmpty)
        world.relay.stop()
    }

    /// The clinic's registration anew, by which the desk may ask for it for a day.
    private func mandate(in world: World) async throws {
        let now = Int(Date().timeIntervalSince1970)
        let suppliers = """
            [{
              "sub": "\(deskMember.id)", "sub_ln": "\(deskMember.name)", "role": "dpv:DataProcessor",
              "intended_uses": ["visit"], "nbf": \(now - 60), "exp": \(now + 24 * 3600)
            }]
            """
        let application = try await world.clinic.apply(with: clinicMember.application(suppliers: suppliers))
        try await world.clinic.install(world.framework.admit(application))
    }
}
