<?php

declare(strict_types=1);

// Was mit einem Auftrag geschah, wie Betreiber es lesen.
return [
    'As the site has recorded it' => 'Wie die Site es aufgezeichnet hat',
    'How long its stages took was not recorded.' => 'Wie lange seine Schritte dauerten, wurde nicht aufgezeichnet.',
    'Try {n}, worker {name}' => 'Versuch {n}, Worker {name}',
    'after a wait of {time}' => 'nach {time} Warten',
    'after {time}' => 'nach {time}',
    'found in storage and taken into the archive' => 'im Speicher gefunden und ins Archiv aufgenommen',
    'queued again, for a new stack' => 'wieder eingereiht, für einen neuen Stack',
    'result accepted' => 'Ergebnis angenommen',
    'result confirmed by another worker' => 'Ergebnis von einem anderen Worker bestätigt',
    'result found wrong' => 'Ergebnis als falsch erkannt',
    'result rejected' => 'Ergebnis abgelehnt',
    'result waits for a second opinion' => 'Ergebnis wartet auf eine zweite Meinung',
    'still' => 'noch dabei',
    'took {time}' => 'dauerte {time}',
    'under way' => 'läuft',
    'user {name}' => 'Nutzer {name}',
];
