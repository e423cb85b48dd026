package org.kist.wallet.shots

import org.kist.Provenance
import org.kist.RecordSummary
import org.kist.SourceKind

/** Made-up things that several rooms show. */
object Samples {
    /** 30 November 2026, 10:00. */
    const val NOW = 1_796_032_800L

    fun record(title: String, schema: String, area: String, favourite: Boolean = false) = RecordSummary(
        id = title,
        schema = schema,
        title = title,
        provenance = Provenance(SourceKind.SELF_ASSERTED, null, null, null, null, NOW * 1_000),
        area = area,
        tags = emptyList(),
        revision = 1u,
        createdMs = NOW * 1_000,
        changedMs = NOW * 1_000,
        conflict = false,
        favourite = favourite,
        trashed = false,
        replaced = false,
    )

    /** As [record], sent by an organisation. */
    fun delivered(title: String, schema: String, area: String, organisation: String) =
        record(title, schema, area).copy(provenance = byOrganisation(organisation))

    /** As [record], brought in from a file. */
    fun imported(title: String, schema: String, area: String, from: String) =
        record(title, schema, area).copy(provenance = fromFile(from))

    val byPerson = Provenance(SourceKind.SELF_ASSERTED, null, null, null, null, NOW * 1_000)

    fun byOrganisation(name: String) = Provenance(SourceKind.DELIVERED, name, "NTRGB-1234", "credential", name, NOW * 1_000)

    fun fromFile(name: String) = Provenance(SourceKind.IMPORTED, name, null, null, null, NOW * 1_000)
}
