<?php

declare(strict_types=1);

// What happened to a job.
return [
    'As the site has recorded it' => 'Wie die Seite es aufgezeichnet hat',
    'How long its stages took was not recorded.' => 'Wie lange seine Schritte dauerten, wurde nicht aufgezeichnet.',
    'Try {n}, worker {name}' => 'Versuch {n}, Worker {name}',
    'after a wait of {time}' => 'nach {time} Warten',
    'after {time}' => 'nach {time}',
    'a file beside the stack is missing or damaged' => 'eine Datei neben dem Stack fehlt oder ist beschädigt',
    'a file of nobody is removed' => 'eine Datei, die zu nichts gehört, ist entfernt',
    'deleted' => 'gelöscht',
    'found in storage and taken into the archive' => 'im Archivspeicher gefunden und ins Archiv aufgenommen',
    'queued again, for a new stack' => 'wieder eingereiht, für einen neuen Stack',
    'result accepted' => 'Ergebnis angenommen',
    'result confirmed by another worker' => 'Ergebnis von einem anderen Worker bestätigt',
    'result found wrong' => 'Ergebnis als falsch erkannt',
    'result rejected' => 'Ergebnis abgelehnt',
    'result waits for a second opinion' => 'Ergebnis wartet auf eine zweite Meinung',
    'still' => 'noch dabei',
    'took {time}' => 'dauerte {time}',
    'under way' => 'läuft',
    'user {name}' => 'Benutzer {name}',
    'stack intact again' => 'Stack wieder heil',
    'stack intact, but not listed by the storage' => 'Stack heil, aber das Archiv führt ihn nicht auf',
    'stack missing or damaged in the archive' => 'Stack fehlt im Archiv oder ist dort beschädigt',
    'what was left over is removed' => 'Überbleibsel entfernt',
];
