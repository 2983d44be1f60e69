<?php

declare(strict_types=1);

// The frame of every page: navigation, foot, and the pages for errors.
return [
    'As your system' => 'Wie dein System',
    'Colours' => 'Farben',
    'CrowdSky is free software under the GPL. All times are UTC.' => 'CrowdSky ist freie Software unter der GPL. Alle Zeiten sind UTC.',
    'Dark' => 'Dunkel',
    'Keys' => 'Schlüssel',
    'Language' => 'Sprache',
    'Light' => 'Hell',
    'Log in' => 'Anmelden',
    'Log out' => 'Abmelden',
    'Main' => 'Hauptmenü',
    'My stacks' => 'Meine Stacks',
    'My uploads' => 'Meine Uploads',
    'Night (red)' => 'Nacht (rot)',
    'Queue' => 'Warteschlange',
    'Rescans' => 'Nachmessungen',
    'Skip to content' => 'Zum Inhalt springen',
    'Upload' => 'Hochladen',
    'Users' => 'Benutzer',
    'Variable stars' => 'Veränderliche Sterne',
    'Workers' => 'Worker',

    'Error {status}' => 'Fehler {status}',
];
