<?php

declare(strict_types=1);

// What other programs show of a shared address.
return [
    'Unnamed object' => 'Unbenanntes Objekt',
    '{subs} subs of a smart telescope in one picture, {time} of light.'
        => '{subs} Subs eines Smart-Teleskops in einem Bild, {time} Licht.',
    '{subs} subs of a smart telescope in one picture, {time} of light on {date}.'
        => '{subs} Subs eines Smart-Teleskops in einem Bild, {time} Licht am {date}.',
];
