<?php

declare(strict_types=1);

// Two stacks of one field in turns.
return [
    'Blink' => 'Blinken',
    'with another stack of this field' => 'mit einem anderen Stack dieses Feldes',
    'Choose a second stack of this field: both are laid upon each other by their stars, and what has moved or changed catches the eye.' => 'Wähle einen zweiten Stack dieses Feldes: Beide werden nach ihren Sternen aufeinandergelegt, und was sich bewegt oder verändert hat, fällt ins Auge.',
    'These two cannot be laid upon each other: that takes pictures of both, and both must be solved.' => 'Diese beiden lassen sich nicht aufeinanderlegen: Dazu müssen beide ein Bild haben und gelöst sein.',
    'In turns' => 'Abwechselnd',
    'Side by side' => 'Nebeneinander',
    'Pause' => 'Pause',
    'Play' => 'Weiter',
    'Other picture' => 'Anderes Bild',
    'Speed' => 'Tempo',
    'Stacks of this field' => 'Stacks dieses Feldes',
    'Other stacks of this field' => 'Andere Stacks dieses Feldes',
    'There is no other solved stack of this field that you may see.' => 'Es gibt keinen anderen gelösten Stack dieses Feldes, den du sehen darfst.',
];
