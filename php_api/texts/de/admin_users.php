<?php

declare(strict_types=1);

// Accounts, keys and results that operators decide on.
return [
    'Delete {name}' => '{name} löschen',
    'Make an admin' => 'Zum Admin machen',
    'Name or address' => 'Name oder Adresse',
    'No admin any more' => 'Kein Admin mehr',
    'Search' => 'Suchen',
    'The account {name} is closed, and what belongs to it is being deleted.' => 'Das Konto {name} ist geschlossen; was dazu gehört, wird gelöscht.',
    'The account {name} is rejected; its name can be registered again.' => 'Das Konto {name} ist abgelehnt; sein Name kann wieder registriert werden.',
    'The limit of {name} is set.' => 'Die Grenze von {name} ist gesetzt.',
    'The result is accepted; its stack is in the archive.' => 'Das Ergebnis ist angenommen; sein Stack ist im Archiv.',
    'The result is rejected; another worker gets the job.' => 'Das Ergebnis ist abgelehnt; ein anderer Worker bekommt den Auftrag.',
    'This deletes the account with all its subs and private stacks for good.' => 'Das löscht das Konto mit allen Subs und privaten Stacks endgültig.',
    'its public stacks go too' => 'seine öffentlichen Stacks verschwinden auch',
    'its public stacks stay, without a name' => 'seine öffentlichen Stacks bleiben, ohne Namen',
    '{name} is an admin now.' => '{name} ist jetzt Admin.',
    '{name} is locked and logged out everywhere.' => '{name} ist gesperrt und überall abgemeldet.',
    '{name} is no admin any more.' => '{name} ist kein Admin mehr.',
    '{name} may log in now.' => '{name} darf sich jetzt anmelden.',
    '{n} account' => '{n} Konto',
    '{n} accounts' => '{n} Konten',
];
