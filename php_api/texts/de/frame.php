<?php

declare(strict_types=1);

// The frame of every page: navigation, foot, and the pages for errors.
return [
    '<strong>{names}</strong> writes local time into its subs and names no time zone. <a href="account.php#zones">Set its time zone</a> before its subs are stacked: without it their stacks have no times in UTC.'
        => '<strong>{names}</strong> schreibt Ortszeit in seine Subs und nennt keine Zeitzone. <a href="account.php#zones">Setze seine Zeitzone</a>, bevor seine Subs gestackt werden: Ohne sie haben ihre Stacks keine Zeiten in UTC.',
    'A telescope' => 'Ein Teleskop',
    'notebook' => 'Notebook',
    'Actions' => 'Aktionen',
    'As your system' => 'Wie dein System',
    'Chosen' => 'Ausgewählt',
    'Colours' => 'Farben',
    'CrowdSky is free software under the GPL. All times are UTC.' => 'CrowdSky ist freie Software unter der GPL. Alle Zeiten in UTC.',
    'Dark' => 'Dunkel',
    'Keys' => 'Schlüssel',
    'Language' => 'Sprache',
    'Light' => 'Hell',
    'Log in' => 'Anmelden',
    'Log out' => 'Abmelden',
    'Main' => 'Hauptmenü',
    'My uploads' => 'Meine Uploads',
    'Night (red)' => 'Nacht (rot)',
    'My stacks' => 'Meine Stacks',
    'Operation' => 'Betrieb',
    'Queue' => 'Warteschlange',
    'Rescans' => 'Nachmessungen',
    'Skip to content' => 'Zum Inhalt springen',
    'Upload' => 'Hochladen',
    'Users' => 'Benutzer',
    'Variable stars' => 'Veränderliche Sterne',
    'Workers' => 'Worker',

    'Back to the start' => 'Zur Startseite',
    'If it happens again, give the operator of the site this reference: <code>{reference}</code>'
        => 'Wenn es wieder passiert, nenne dem Betreiber der Seite diese Nummer: <code>{reference}</code>',
    'No room left' => 'Kein Platz mehr',
    'Not allowed' => 'Nicht erlaubt',
    'Not found' => 'Nicht gefunden',
    'Please try again shortly' => 'Bitte versuche es gleich noch einmal',
    'Something has changed meanwhile' => 'Inzwischen hat sich etwas geändert',
    'Something went wrong' => 'Etwas ist schiefgegangen',
    'That did not work' => 'Das hat nicht geklappt',
    'Too large' => 'Zu groß',
    'Error {status}' => 'Fehler {status}',
];
