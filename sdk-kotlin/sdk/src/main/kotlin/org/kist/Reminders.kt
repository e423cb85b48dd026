package org.kist

import org.kist.generated.Due as CoreDue

/** Something to be reminded of. */
sealed interface Due {
    /** A record has a date that comes or has passed; [Curation.snooze] puts it off, [Curation.dismiss] ends it. */
    data class InRecord(val reminder: Reminder) : Due

    /** An organisation hasn't acknowledged a withdrawal since [silentSince], Unix seconds; [Consents.remind] asks again. */
    data class SilentWithdrawal(
        val consent: String,
        val organisation: String,
        val silentSince: Long,
        val remindedAt: Long?,
    ) : Due

    /** An organisation had to answer a request of rights until [dueAt]; [DataRights.remind], [DataRights.report]. */
    data class OverdueRights(
        val request: String,
        val organisation: String,
        val right: DataRight,
        val dueAt: Long,
        val remindedAt: Long?,
    ) : Due
}

internal fun CoreDue.toDue(): Due = when (this) {
    is CoreDue.Record -> Due.InRecord(reminder)
    is CoreDue.OverdueRights -> Due.OverdueRights(request, organisation, right, dueAt, remindedAt)
    is CoreDue.SilentWithdrawal -> Due.SilentWithdrawal(consent, organisation, silentSince, remindedAt)
}
