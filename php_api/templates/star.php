<?php
/**
 * @var CrowdSky\Stars\ListedStar $star
 * @var ?string $name in the catalogue of variable stars; null if it is not there
 * @var list<CrowdSky\LightCurves\Band> $bands in which it was measured
 * @var ?CrowdSky\Pages\Stars\BandCurve $shown null when the star has no points
 * @var ?string $note why the star has no points
 * @var array<int, int> $copies stacks that are left out, because another one has their light: that one, by stack
 * @var ?CrowdSky\Calibrations\StarCalibration $mean of the band that is shown
 * @var ?string $version that was chosen; null for the newest
 * @var list<array{value: string, calibration: CrowdSky\Calibrations\Calibration}> $versions
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var list<int> $lengths that can be had
 * @var ?CrowdSky\Pages\Plot\Plot $plot
 * @var ?CrowdSky\LightCurves\FoundVariable $found result of the search
 * @var ?CrowdSky\Pages\Stars\PhaseChoice $phase
 * @var string $shapes HTML
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;

?>
<?= $shapes ?>

<p class="trail"><a href="variables.php"><?= $t('Variable stars') ?></a></p>
<h1><?= $name === null ? $t('Star {id}', ['id' => $star->id]) : $e($name) . ' <span class="hint">' . $t('star {id}', ['id' => $star->id]) . '</span>' ?></h1>
<p class="facts"><?= $e(SkyFormat::rightAscension($texts, $star->position->ra)) ?>, <?= $e(SkyFormat::declination($star->position->dec)) ?><?= $star->gaiaId === null ? '' : ' · Gaia DR3 ' . $e($star->gaiaId) ?></p>
<section aria-labelledby="curve-heading">
<h2 id="curve-heading"><?= $t('Light curve') ?></h2>
<?php if ($bands !== [] || count($lengths) > 1) : ?>
<form class="inline" method="get" action="star.php">
    <input type="hidden" name="id" value="<?= $e($star->id) ?>">
<?php if ($bands !== []) : ?>
    <label for="band"><?= $t('Band') ?></label>
    <select id="band" name="band">
<?php foreach ($bands as $band) : ?>
        <option value="<?= $e($band->publicName()) ?>"<?= $band === $shown?->band ? ' selected' : '' ?>><?= $e($band->publicName()) ?></option>
<?php endforeach ?>
    </select>
<?php endif ?>
<?php if ($versions !== []) : ?>
    <label for="version"><?= $t('Calibration') ?></label>
    <select id="version" name="version">
        <option value=""><?= $t('newest, and what is newer than it') ?></option>
<?php foreach ($versions as ['value' => $value, 'calibration' => $calibration]) : ?>
        <option value="<?= $e($value) ?>"<?= $value === $version ? ' selected' : '' ?>><?= $t('{name} of {date}', ['name' => $calibration->name(), 'date' => substr($calibration->createdAt, 0, 10)]) ?></option>
<?php endforeach ?>
    </select>
<?php endif ?>
<?php if (count($lengths) > 1) : ?>
    <label for="series"><?= $t('Points') ?></label>
    <select id="series" name="series">
<?php foreach ($lengths as $seconds) : ?>
        <option value="<?= $seconds === 0 ? '' : $e($seconds) ?>"<?= $seconds === $series ? ' selected' : '' ?>><?= $seconds === 0 ? $t('of whole stacks') : $t('of series, every {time}', ['time' => Figures::seconds($texts, $seconds)]) ?></option>
<?php endforeach ?>
    </select>
<?php endif ?>
    <button class="second"><?= $t('Show') ?></button>
</form>
<?php endif ?>
<?php if ($plot === null) : ?>
<p class="note"><?= $t('There is no magnitude of this star that could be shown.') ?> <?= $note === null ? $t('The table of its points says why.') : $e($texts->repeat($note)) ?></p>
<?php else : ?>
<?= $partial('star_plot', ['drawing' => $plot]) ?>
<?php endif ?>
<?php if ($copies !== []) : ?>
<details>
<summary><?= $t->count(count($copies), 'Light counts once: {n} stack is left out', 'Light counts once: {n} stacks are left out') ?></summary>
<ul>
<?php foreach ($copies as $stack => $in) : ?>
    <li><?= $t('Stack {copy}: its subs are in stack {stack}', ['copy' => $stack, 'stack' => $in]) ?></li>
<?php endforeach ?>
</ul>
</details>
<?php endif ?>
</section>
<?= $partial('star_search', []) ?>
<div class="stack">
    <div>
<?= $partial('star_finder', []) ?>
<?= $partial('star_comparisons', []) ?>
    </div>
    <div>
<?= $partial('star_facts', []) ?>
<?= $partial('star_downloads', []) ?>
    </div>
</div>
<?php if ($shown !== null) : ?>
<?= $partial('star_points', []) ?>
<?php endif ?>
