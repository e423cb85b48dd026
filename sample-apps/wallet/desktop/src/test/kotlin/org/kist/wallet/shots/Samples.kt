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
}
