// A push service on this machine hears that something has come, and nothing of what.

import Foundation
import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(2))) struct PushTests {
    @Test func c1_a_push_service_hears_an_empty_word_and_the_next_refresh_brings_what_came() async throws {
        let world = try await World(relayOptions: ["--push-loopback", "--push-interval", "0"])
        let (alice, clinic, service) = (world.alice, world.clinic, try LocalServer())
        let agreement = try await agree(in: world)
        let on = Subscriptions(prefix: "\(service.url)/up/")
        let registered = PushReport(registered: 1, without: 0, unreachable: 0)
        #expect(try await alice.push.register(on) == registered)
        #expect(try await alice.push.register(on) == registered)

        var heard = service.asked.makeAsyncIterator()
        try await clinic.deliveries.note("Your results are ready", under: agreement)
        let word = try #require(await heard.next())
        #expect(word.head.hasPrefix("POST /up/") && word.body.isEmpty)
        #expect(!word.head.contains("Clinic") && !word.head.contains("Alice"), "\(word.head)")
        try await alice.inbox.refresh()
        #expect(try await alice.inbox.list().map(\.text) == ["Your results are ready"])

        // Without push the relay tells nobody: the next word is of what comes after it is back.
        #expect(try await alice.push.register(Subscriptions(prefix: nil)).without == 1)
        try await clinic.deliveries.note("Please ring us", under: agreement)
        try await alice.inbox.refresh()
        #expect(try await alice.inbox.list().count == 2)
        try await alice.push.register(Subscriptions(prefix: "\(service.url)/again/"))
        try await clinic.deliveries.note("Thank you", under: agreement)
        #expect(try #require(await heard.next()).head.hasPrefix("POST /again/"))
        world.relay.stop()
    }

    @Test func c1_a_relay_that_tells_no_push_services_is_read_at_each_refresh_as_ever() async throws {
        let world = try await World()
        let agreement = try await agree(in: world)
        let report = try await world.alice.push.register(Subscriptions(prefix: "https://push.example/up/"))
        #expect(report == PushReport(registered: 0, without: 1, unreachable: 0))
        try await world.clinic.deliveries.note("Your results are ready", under: agreement)
        try await world.alice.inbox.refresh()
        #expect(try await world.alice.inbox.list().count == 1)
        world.relay.stop()
    }

    private func agree(in world: World) async throws -> String {
        try await world.fill()
        let asked = asking(for: [part("name", Schemas.name, ["given_name"])])
        let hosted = try await world.clinic.requests.create(asked)
        let open = try await world.alice.requests.open(hosted.uri)
        try await world.alice.requests.answer(open.id, with: open.required)
        let answer = try #require(try await world.clinic.requests.collect(hosted.id))
        try await world.alice.inbox.refresh()
        return try #require(answer.agreement)
    }
}

/// A push service that gives each instance an address of its own, or none.
private struct Subscriptions: Push {
    let prefix: String?

    func endpoint(for instance: String) -> String? { prefix.map { $0 + instance } }
}
