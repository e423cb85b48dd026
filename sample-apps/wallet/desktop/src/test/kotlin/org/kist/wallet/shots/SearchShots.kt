package org.kist.wallet.shots

import org.kist.Facet
import org.kist.Facets
import org.kist.OrganisationFacet
import org.kist.RecordFilter
import org.kist.RecordSummary
import org.kist.Schemas
import org.kist.SourceFilter
import org.kist.wallet.search.Found
import org.kist.wallet.search.Results
import org.kist.wallet.search.SearchActs
import org.kist.wallet.search.SearchScreen
import org.kist.wallet.search.SearchState
import org.kist.wallet.search.SnippetPiece
import org.kist.wallet.state.Loadable
import org.kist.wallet.state.Problem
import org.kist.wallet.trash.TrashActs
import org.kist.wallet.trash.TrashScreen
import org.kist.wallet.trash.TrashState

private val records = listOf(
    Samples.record("7 Larch Lane Stromness KW16 3AA", Schemas.ADDRESS, "identity", favourite = true),
    Samples.delivered("Influenza", "urn:kist:schema:vaccination:1", "health", "Riverside Clinic"),
    Samples.record("Alice Archer", Schemas.NAME, "identity"),
    Samples.imported("Morfydd Bevan", "urn:kist:schema:contact:1", "contacts", "contacts.vcf (vcard)"),
    Samples.record("12 Bute Street Cardiff", Schemas.ADDRESS, "identity").copy(conflict = true),
    Samples.record("+44 7700 900123", Schemas.PHONE, "identity"),
    Samples.record("GB 123456789", "urn:kist:schema:passport:1", "identity"),
)

private fun listed(records: List<RecordSummary>) = Loadable.Ready(Results(records.map(::Found), "", total = records.size.toLong()))

private val searched = Results(
    listOf(
        Found(records[0], listOf(SnippetPiece("7 ", false), SnippetPiece("Lar", true), SnippetPiece("ch Lane Stromness", false))),
        Found(
            Samples.record("Ceilidh at the harbour", "urn:kist:schema:event:1", "plans"),
            listOf(SnippetPiece("Bring the ", false), SnippetPiece("lar", true), SnippetPiece("ge tent", false)),
        ),
    ),
    "lar",
)

private val acts = SearchActs(onAdd = {}, onImport = {}, onConflicts = {}, onTrash = {})

private fun search(name: String, state: SearchState, acts: SearchActs = org.kist.wallet.shots.acts) =
    Shot(name, tab = "search") { SearchScreen(state, acts) }

private val all = search("search", SearchState(results = listed(records)))
private val offer = Facets(
    areas = listOf(Facet("contacts", 148u), Facet("identity", 6u), Facet("health", 1u)),
    schemas = listOf(Facet("urn:kist:schema:contact:1", 148u), Facet(Schemas.ADDRESS, 2u), Facet(Schemas.PHONE, 1u)),
    tags = listOf(Facet("family", 12u), Facet("choir", 9u)),
    organisations = listOf(OrganisationFacet("NTRGB-1234", "Riverside Clinic", 1u)),
    selfAsserted = 6u,
    imported = 148u,
)

val searchShots = listOf(
    all,
    all.tablet(),
    all.enlarged(),
    search("search-typing", SearchState("lar", results = Loadable.Ready(searched))),
    search("search-nothing", SearchState("larq", results = Loadable.Ready(Results(emptyList(), "larq")))),
    search("search-empty", SearchState(results = listed(emptyList()))),
    search("search-loading", SearchState()),
    search("search-error", SearchState(results = Loadable.Failed(Problem("Storage", retry = true)) {})),
    search(
        "search-filtered",
        SearchState(
            filter = RecordFilter(schemas = listOf(Schemas.ADDRESS), favourites = true, source = SourceFilter.SelfAsserted),
            results = listed(records.take(1)),
        ),
    ),
    search("search-filters", SearchState(results = listed(records), offer = offer, choosing = true)),
    search(
        "area",
        SearchState(filter = RecordFilter(area = "identity"), results = listed(records.filter { it.area == "identity" })),
        SearchActs(area = "identity", onBack = {}, onAdd = {}, onTrash = {}),
    ),
    Shot("trash") { TrashScreen(TrashState(Loadable.Ready(records.take(2).map { it.copy(trashed = true) })), TrashActs({})) },
    Shot("trash-empty") { TrashScreen(TrashState(Loadable.Ready(emptyList()), emptied = 2), TrashActs({})) },
    Shot("trash-asking") {
        TrashScreen(TrashState(Loadable.Ready(records.take(2)), asking = true), TrashActs({}))
    },
)
