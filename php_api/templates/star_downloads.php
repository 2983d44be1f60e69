<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var ?string $name in the catalogue of variable stars
 * @var string $download address of the light curve without its format
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\Figures;

$formats = [
    'csv' => ['CSV', $t('for a spreadsheet')],
    'ecsv' => ['ECSV', $t('for astropy, with units')],
    'votable' => ['VOTable', $t('for TOPCAT and Aladin')],
    'parquet' => ['Parquet', $t('for DuckDB and polars')],
    'json' => ['JSON', $t('for programs')],
];
parse_str((string) parse_url($download, PHP_URL_QUERY), $parameters);
?>
<h2><?= $t('Download') ?></h2>
<p><?= $series === 0
    ? $t('All bands and all points, each with its stack, telescope, flags and calibration.')
    : $t('All bands and all points of series, every {time}, each with its stack, telescope, flags and calibration.', ['time' => Figures::seconds($texts, $series)]) ?></p>
<ul class="formats">
<?php foreach ($formats as $format => [$label, $purpose]) : ?>
    <li><a href="<?= $e("$download&format=$format") ?>"><?= $e($label) ?></a> <span class="hint"><?= $purpose ?></span></li>
<?php endforeach ?>
</ul>
<h3><?= $t('For the AAVSO') ?></h3>
<p><?= $t('A report in the AAVSO Extended format, without doubtful points and those through a filter that changes the band. The archive sends nothing: look at the points, and submit the file yourself with your observer code, for observations that are yours or whose observers agree.') ?></p>
<form class="inline" method="get" action="api/light_curve.php">
<?php foreach ($parameters as $field => $value) : ?>
    <input type="hidden" name="<?= $e((string) $field) ?>" value="<?= $e(is_string($value) ? $value : '') ?>">
<?php endforeach ?>
    <input type="hidden" name="format" value="aavso">
    <label for="obscode"><?= $t('Observer code') ?></label>
    <input class="figure" id="obscode" name="obscode" required pattern="[A-Za-z0-9]{2,5}" maxlength="5" autocomplete="off">
    <label for="aavso-name"><?= $t('Name of the star <span class="hint">(as the AAVSO has it)</span>') ?></label>
    <input class="figure" id="aavso-name" name="name" maxlength="30" required value="<?= $e($name ?? '') ?>">
    <button class="second"><?= $t('Download report') ?></button>
</form>
