<?php

declare(strict_types=1);

// The page of one stack: its picture and its stars.
return [
    'As made' => 'Vorgabe',
    'Black point' => 'Schwarzpunkt',
    'Blue' => 'Blau',
    'Colours linked' => 'Farben gekoppelt',
    'Error' => 'Fehler',
    'FWHM, px' => 'Halbwertsbreite, px',
    'Green' => 'Grün',
    'Green, mag' => 'Grün, mag',
    'Larger' => 'Größer',
    'Light curve of star {id}' => 'Lichtkurve von Stern {id}',
    'Marks' => 'Markierungen',
    'Objects' => 'Objekte',
    'Picture with every pixel' => 'Bild mit allen Pixeln',
    'Picture: plus and minus zoom, arrows move, 0 shows all of it' => 'Bild: Plus und Minus zoomen, Pfeile verschieben, 0 zeigt das ganze',
    'Red' => 'Rot',
    'Show more of {n} stars' => 'Mehr von {n} Sternen zeigen',
    'Smaller' => 'Kleiner',
    'Star' => 'Stern',
    'Star {id}' => 'Stern {id}',
    'Stars' => 'Sterne',
    'Stars in this stack' => 'Sterne in diesem Stack',
    'Strength' => 'Stärke',
    'Stretch' => 'Helligkeit',
    'Table as CSV' => 'Tabelle als CSV',
    'The stack' => 'Der Stack',
    'This could not be loaded: {reason}.' => 'Das konnte nicht geladen werden: {reason}.',
    'Whole picture' => 'Ganzes Bild',
    'Your own' => 'Eigene',
    'doubtful' => 'zweifelhaft',
    'magnitudes by the zero points of this stack alone' => 'Helligkeiten nach den Nullpunkten dieses Stacks allein',
    'no picture' => 'kein Bild',
    'picture with all marks' => 'Bild mit allen Markierungen',
];
