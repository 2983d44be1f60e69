<?php

declare(strict_types=1);

// Titles of pages whose own texts are in other files.
return [
    'Account' => 'Konto',
    'Held results' => 'Zurückgehaltene Ergebnisse',
    'Light curves' => 'Lichtkurven',
    'New sources' => 'Neue Quellen',
    'Service keys' => 'Dienstschlüssel',
    'Upload subs' => 'Subs hochladen',
];
