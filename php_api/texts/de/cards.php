<?php

declare(strict_types=1);

// The public face of a stack: its licence, and what other programs show of a shared address.
return [
    'Licence' => 'Lizenz',
    'none is stated by this site; ask its operator before you publish it'
        => 'diese Seite nennt keine; frag den Betreiber, bevor du ihn veröffentlichst',
    'Unnamed object' => 'Unbenanntes Objekt',
    '{subs} subs of a smart telescope in one picture, {time} of light.'
        => '{subs} Subs eines Smart-Teleskops in einem Bild, {time} Licht.',
    '{subs} subs of a smart telescope in one picture, {time} of light on {date}.'
        => '{subs} Subs eines Smart-Teleskops in einem Bild, {time} Licht am {date}.',
];
