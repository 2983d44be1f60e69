<?php

declare(strict_types=1);

// Workers with what they have done of late.
return [
    'Failed tries in a week' => 'Fehlversuche in 7 Tagen',
    'Half of its jobs take at most' => 'Die Hälfte der Aufträge dauert höchstens',
    'Last seen' => 'Zuletzt gesehen',
    'Works on' => 'Arbeitet an',
    'job {id}' => 'Auftrag {id}',
    'key {name}' => 'Schlüssel {name}',
    'not recorded' => 'nicht aufgezeichnet',
    'revoked' => 'widerrufen',
    'silent' => 'meldet sich nicht',
    'version unknown' => 'Version unbekannt',
    'version {version}' => 'Version {version}',
    '{n} in all' => '{n} insgesamt',
    '{n} in a day' => '{n} in 24 Stunden',
    '{n} in a week' => '{n} in 7 Tagen',
];
