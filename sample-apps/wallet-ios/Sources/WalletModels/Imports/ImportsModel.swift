// Importing: what will be taken and what not is seen before anything is.

import Foundation
import Kist
import Observation

/// An import.
@MainActor @Observable public final class ImportsModel {
    /// Reading and taking.
    public let act: Act
    /// What would be taken and what not; nil before a file was read.
    public private(set) var plan: ImportPlan?
    /// The records that the person leaves out, by their place in the plan.
    public private(set) var without: Set<Int> = []
    /// Whether the records are the person's own: each part of a card can be shared by itself then.
    public var mine = true
    /// What was taken.
    public private(set) var report: ImportReport?
    private let person: Person
    private var preview: ImportPreview?

    public init(_ store: OpenStore) {
        person = store.person
        act = Act(store.words)
    }

    /// Reads a file, or a folder. Nothing is taken by it.
    public func read(_ source: URL) async {
        let how = how
        await show { try await $0.records.previewImport(of: source, how: how) }
    }

    /// Reads bytes that another app gave.
    public func read(_ data: Data, named name: String?) async {
        let how = how
        await show { try await $0.records.previewImport(of: data, named: name, how: how) }
    }

    /// Leaves a record out, or takes it after all.
    public func setTaken(_ taken: Bool, at place: Int) {
        if taken { without.remove(place) } else { without.insert(place) }
    }

    /// How many records would be written: not those that are there already.
    public var count: Int {
        guard let plan else { return 0 }
        return plan.records.indices.filter { !without.contains($0) && plan.records[$0].already == nil }.count
    }

    /// Takes what was chosen, with progress. Cancelled, the same file again takes what is missing.
    public func take() async {
        guard let preview, !act.isRunning else { return }
        let without = without.sorted()
        if let report = await act.run(work: { preview.take(without: without) }) { self.report = report }
    }

    /// Back to the choice of a file.
    public func startAgain() {
        (plan, preview, report, without) = (nil, nil, nil, [])
        act.clear()
    }

    private var how: ImportHow { ImportHow(mine: mine) }

    private func show(_ read: @escaping @Sendable (Person) async throws -> ImportPreview) async {
        startAgain()
        let person = person
        let read: (ImportPreview, ImportPlan)? = await act.run {
            let preview = try await read(person)
            return (preview, try preview.plan())
        }
        guard let (preview, plan) = read else { return }
        (self.preview, self.plan) = (preview, plan)
    }
}
