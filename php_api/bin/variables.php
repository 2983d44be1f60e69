<?php

declare(strict_types=1);

use CrowdSky\Kernel\App;
use CrowdSky\Kernel\CommandLine;
use CrowdSky\Variables\VariableCatalogues;
use CrowdSky\Variables\VariableFile;

require __DIR__ . '/../src/autoload.php';

const USAGE = <<<'TEXT'
    Usage: php variables.php import FILE
               replace the catalogue of variable stars by a CSV file with the columns
               name,ra,dec,type,period,max,min,band; if one line is wrong, nothing changes
           php variables.php show
               show which catalogue is in use

    TEXT;

function importFile(VariableCatalogues $catalogues, string $path): int
{
    $file = new VariableFile($path);
    $problems = $file->problems();
    if ($problems !== []) {
        fwrite(STDERR, implode("\n", $problems) . "\nNothing was imported; correct the file and import it again\n");
        return 1;
    }
    $catalogue = $catalogues->import($file);
    echo "{$catalogue->stars} variable stars of {$catalogue->fileName} are in use\n";
    return 0;
}

function showCatalogue(VariableCatalogues $catalogues): int
{
    $catalogue = $catalogues->current();
    echo $catalogue === null
        ? "there is no catalogue of variable stars\n"
        : "{$catalogue->stars} variable stars of {$catalogue->fileName}, imported {$catalogue->importedAt} UTC\n";
    return 0;
}

CommandLine::run(static function (App $app, array $arguments): int {
    $command = $arguments[0] ?? '';
    if (count($arguments) !== (['import' => 2, 'show' => 1][$command] ?? 0)) {
        return CommandLine::usage(USAGE);
    }
    $app->requireSite();
    $catalogues = new VariableCatalogues($app->database(), $app->clock());
    return $command === 'import' ? importFile($catalogues, $arguments[1]) : showCatalogue($catalogues);
});
