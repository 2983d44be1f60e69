<?php

declare(strict_types=1);

// Die Worker mit dem, was sie zuletzt getan haben.
return [
    'Failed tries in a week' => 'Fehlversuche in einer Woche',
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
    '{n} in a day' => '{n} an einem Tag',
    '{n} in a week' => '{n} in einer Woche',
];
