package org.kist.wallet.android

import android.content.Intent
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.font.Font
import androidx.compose.ui.text.font.FontFamily
import org.kist.wallet.app.WalletApp
import org.kist.wallet.design.Fonts

/** The screens in an activity. It is the one file that needs AndroidX, and isn't compiled without Android's SDK. */
class MainActivity : ComponentActivity() {
    private val shell by lazy { Shell(this) }

    override fun onCreate(savedInstanceState: Bundle?) {
        shell.created(intent, savedInstanceState)
        super.onCreate(savedInstanceState)
        enableEdgeToEdge()
        setContent {
            val stack by shell.wallet.navigator.stack.collectAsState()
            BackHandler(enabled = stack.size > 1) { shell.wallet.navigator.back() }
            val fonts = remember { Fonts(family(Fonts.LATIN), family(Fonts.ARABIC)) }
            Box(Modifier.safeDrawingPadding()) { WalletApp(shell.wallet, fonts, isSystemInDarkTheme()) }
        }
    }

    private fun family(name: String) = FontFamily(Fonts.files(name).map { (weight, file) -> Font(file, assets, weight) })

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        shell.opened(intent)
    }

    override fun onStart() {
        super.onStart()
        shell.shown()
    }

    override fun onStop() {
        shell.hidden()
        super.onStop()
    }

    @Deprecated("Android's own way, which needs no library")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        if (!shell.answered(requestCode, resultCode, data)) super.onActivityResult(requestCode, resultCode, data)
    }

    @Deprecated("Android's own way, which needs no library")
    override fun onRequestPermissionsResult(requestCode: Int, permissions: Array<String>, grantResults: IntArray) {
        @Suppress("DEPRECATION")
        if (!shell.decided(requestCode, grantResults)) super.onRequestPermissionsResult(requestCode, permissions, grantResults)
    }
}
