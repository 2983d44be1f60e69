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
 * @var bool $isWithdrawn whether an owner has withdrawn a stack of the calibration
 * @var ?string $askedAt
 * @var int $series seconds of the parts that are shown; 0 for whole stacks
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\LightCurves\FoundVariable;
use CrowdSky\Pages\Figures;
use CrowdSky\Stars\StarFlag;

?>
<section aria-labelledby="search">
<h2 id="search"><?= $t('Variability and period') ?></h2>
<?php if ($found !== null && $found->kind === FoundVariable::CONSTANT) : ?>
<p><?= $t('A search found nothing: the star does not vary beyond its errors in calibration {name} (points: {points}, nights: {nights}).', [
    'name' => $found->calibration->name(), 'points' => $t->number($found->points), 'nights' => $t->number($found->nights),
]) ?> <?= $found->remark === null ? $t('No period is claimed.') : $t('No period is claimed: {reason}.', ['reason' => $texts->repeat($found->remark)]) ?></p>
<?php elseif ($found !== null) : ?>
<?= $partial('found_variable', ['variable' => $found]) ?>
<?php if ($calibration !== null && $calibration->ownerId !== 0 && $found->calibration->ownerId === 0) : ?>
<p class="note"><?= $t('The public calibration finds this. Calibration {name}, which has your private stacks as well, does not.', ['name' => $calibration->name()]) ?></p>
<?php endif ?>
<?php if ($pair !== null) : ?>
<?= $partial('chart_pair', ['pair' => $pair]) ?>
<?php endif ?>
<?php elseif ($isWithdrawn) : ?>
<p><?= $t('An owner has withdrawn a stack that the calibration of this field was made of. What it says of the star is not shown any more; the field is being calibrated anew.') ?></p>
<?php elseif ($mean !== null && $calibration !== null) : ?>
<p><?= match (true) {
    ($mean->flags & StarFlag::VARIABLE) !== 0 => $t('This star varies beyond its errors in calibration {name}.', ['name' => $calibration->name()]),
    ($mean->flags & StarFlag::OFF_MODEL) !== 0 => $t('This star scatters beyond its errors for an unknown reason in calibration {name}.', ['name' => $calibration->name()]),
    ($mean->chi2 ?? 0.0) > 3.0 => $t('This star scatters more than its errors, but is not found to vary in calibration {name}.', ['name' => $calibration->name()]),
    default => $t('This star is not found to vary in calibration {name}.', ['name' => $calibration->name()]),
} ?> <?= $t->count($mean->epochs, 'It is known from {n} stack.', 'It is known from {n} stacks.') ?> <?= $t('No period is claimed.') ?></p>
<?php else : ?>
<p><?= $t('This star is in no calibration yet, so that nothing can be said about its variability.') ?></p>
<?php endif ?>
<?php if ($series !== 0 && $mean !== null) : ?>
<p class="hint"><?= $t('That is of whole stacks: no search looks at the parts of series.') ?></p>
<?php endif ?>
<?php if ($found === null && $askedAt !== null) : ?>
<p class="note"><?= $t('A search for its period was asked for on {date}. The next calibration of its field has the result.', ['date' => $time($askedAt)]) ?></p>
<?php elseif ($found === null) : ?>
<form class="inline" method="post" action="star.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="star_id" value="<?= $e($star->id) ?>">
    <button class="second"><?= $t('Search for a period') ?></button>
    <span class="hint"><?= $t('with the next calibration of its field, and with every later one') ?></span>
</form>
<?php endif ?>
<?php if ($shown !== null) : ?>
<form class="inline" method="get" action="star.php#search">
<?php foreach ($kept as $field => $value) : ?>
    <input type="hidden" name="<?= $e($field) ?>" value="<?= $e($value) ?>">
<?php endforeach ?>
    <label for="period"><?= $t('Period <span class="hint">(days)</span>') ?></label>
    <input class="figure" id="period" name="period" inputmode="decimal" required value="<?= $phase === null ? '' : $e(Figures::plain($texts, $phase->period, 8)) ?>">
    <label for="t0"><?= $t('Phase 0 <span class="hint">(BJD, optional)</span>') ?></label>
    <input class="figure" id="t0" name="t0" inputmode="decimal" value="<?= $phase === null ? '' : $e(Figures::plain($texts, $phase->epoch, 5)) ?>">
    <button class="second"><?= $t('Fold') ?></button>
</form>
<?php if ($phase !== null && $phase->isEntered) : ?>
<p class="hint"><?= $t('Folded with the period that was entered; the archive does not claim it.') ?></p>
<?php endif ?>
<?php if ($phasePlot !== null) : ?>
<?= $partial('star_plot', ['drawing' => $phasePlot]) ?>
<?php endif ?>
<?php endif ?>
</section>
