// How a screen hears that the inbox was refreshed.

import Kist
import KistWorld
import Testing

@Suite(.timeLimit(.minutes(2))) struct InboxTests {
    @Test func c2_each_refresh_of_the_inbox_is_counted_for_whoever_shows_what_comes() async throws {
        let folder = try Folder()
        let alice = try await folder.alice()
        var counts = alice.inbox.refreshes.makeAsyncIterator()
        #expect(await counts.next() == 0)
        try await alice.inbox.refresh()
        #expect(await counts.next() == 1)
        try await alice.inbox.refresh()
        try await alice.inbox.refresh()
        #expect(await counts.next() == 3, "what nobody took in time is left out, but not the last")

        try await alice.close()
        let refused = await failure { () throws(KistError) in try await alice.inbox.refresh() }
        #expect(refused?.code == .notFound)
        var later = alice.inbox.refreshes.makeAsyncIterator()
        #expect(await later.next() == 3, "a refresh that failed brought nothing")
    }
}
