<?php
/**
 * What the search for variability and periods has found, the star folded with a period, and the button for a search.
 *
 * @var CrowdSky\Stars\ListedStar $star
 * @var ?CrowdSky\Pages\Stars\BandCurve $shown
 * @var ?CrowdSky\Calibrations\StarCalibration $mean of the band that is shown
 * @var array<string, string> $kept what the reader has chosen above
 * @var ?CrowdSky\Calibrations\Calibration $calibration
 * @var ?CrowdSky\LightCurves\FoundVariable $found
 * @var ?CrowdSky\Pages\Stars\PhaseChoice $phase
 * @var ?CrowdSky\Pages\Plot\Plot $phasePlot
 * @var ?CrowdSky\Pages\Stars\ChartPair $pair
 * @var ?string $askedAt
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\Plot\PhasePlot;
use CrowdSky\Stars\StarFlag;

?>
<section aria-labelledby="search">
<h2 id="search">Variability and period</h2>
<?php if ($found !== null && $found->kind === FoundVariable::CONSTANT) : ?>
<p>A search found nothing: the star does not vary beyond its errors in calibration <?= $e($found->calibration->name()) ?>
    (<?= $e(Format::count($found->points, 'point', 'points')) ?> in <?= $e(Format::count($found->nights, 'night', 'nights')) ?>). No period is claimed<?= $e($found->remark === null ? '.' : ": {$found->remark}.") ?></p>
<?php elseif ($found !== null) : ?>
<?= $partial('found_variable', ['variable' => $found]) ?>
<?php if ($calibration !== null && $calibration->ownerId !== 0 && $found->calibration->ownerId === 0) : ?>
<p class="note">The public calibration finds this. Calibration <?= $e($calibration->name()) ?>, which has your private stacks as well, does not.</p>
<?php endif ?>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php endif ?>
<?php elseif ($mean !== null && $calibration !== null) : ?>
<p><?= match (true) {
    ($mean->flags & StarFlag::VARIABLE) !== 0 => 'This star varies beyond its errors',
    ($mean->flags & StarFlag::OFF_MODEL) !== 0 => 'This star scatters beyond its errors for an unknown reason',
    ($mean->chi2 ?? 0.0) > 3.0 => 'This star scatters more than its errors, but is not found to vary,',
    default => 'This star is not found to vary',
} ?> in calibration <?= $e($calibration->name()) ?>, which knows it from <?= $e(Format::count($mean->epochs, 'stack', 'stacks')) ?>. No period is claimed.</p>
<?php else : ?>
<p>This star is in no calibration yet, so that nothing can be said about its variability.</p>
<?php endif ?>
<?php if ($series !== 0 && $mean !== null) : ?>
<p class="hint">That is of whole stacks: no search looks at the parts of series.</p>
<?php endif ?>
<?php if ($found === null && $askedAt !== null) : ?>
<p class="note">A search for its period was asked for on <?= $time($askedAt) ?>. The next calibration of its field has the result.</p>
<?php elseif ($found === null) : ?>
<form class="inline" method="post" action="star.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="star_id" value="<?= $e($star->id) ?>">
    <button class="second">Search for a period</button>
    <span class="hint">with the next calibration of its field, and with every later one</span>
</form>
<?php endif ?>
<?php if ($shown !== null) : ?>
<form class="inline" method="get" action="star.php#search">
<?php foreach ($kept as $field => $value) : ?>
    <input type="hidden" name="<?= $e($field) ?>" value="<?= $e($value) ?>">
<?php endforeach ?>
    <label for="period">Period <span class="hint">(days)</span></label>
    <input class="figure" id="period" name="period" inputmode="decimal" required value="<?= $phase === null ? '' : $e(PhasePlot::plain($phase->period)) ?>">
    <label for="t0">Phase 0 <span class="hint">(BJD, optional)</span></label>
    <input class="figure" id="t0" name="t0" inputmode="decimal" value="<?= $phase === null ? '' : $e(PhasePlot::plain($phase->epoch, 5)) ?>">
    <button class="second">Fold</button>
</form>
<?php if ($phase !== null && $phase->isEntered) : ?>
<p class="hint">Folded with the period that was entered; the archive does not claim it.</p>
<?php endif ?>
<?php if ($phasePlot !== null) : ?>
<?= $partial('star_plot', ['drawing' => $phasePlot]) ?>
<?php endif ?>
<?php endif ?>
</section>
