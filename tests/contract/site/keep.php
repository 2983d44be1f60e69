<?php

declare(strict_types=1);

// Receives a file and keeps it, in the store named on the command line, as the site does with an upload. Prints the
// folder it ended up in, below the data folder.

use CrowdSky\Kernel\App;

require __DIR__ . '/../../../php_api/src/autoload.php';

$app = App::boot();
$bytes = fopen('php://memory', 'w+b');
fwrite($bytes, random_bytes(1000));
rewind($bytes);
$file = $app->spool()->receive($bytes, 1000, null, 'The file');
if ($argv[1] === 'raws') {
    $name = $app->raws()->newName(1, 1);
    $app->raws()->keep($file, $name);
    echo '/raws/' . dirname($name);
} else {
    $app->storage()->put($file, '/crowdsky/stacks/user_1/stack.fits');
    echo '/stacks/crowdsky/stacks/user_1';
}
