<?php
/**
 * @var list<array{comparison: CrowdSky\LightCurves\ComparisonStar, curve: ?string}> $comparisons
 * @var ?CrowdSky\Calibrations\StarCalibration $mean
 * @var CrowdSky\Pages\Stars\BandCurve $shown
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2><?= $t('Comparison stars') ?></h2>
<?php if ($mean === null) : ?>
<p><?= $t('This star is in no calibration yet, and so there is nothing to compare it with.') ?></p>
<?php elseif ($comparisons === []) : ?>
<p><?= $t('Its calibration has no constant star that you see.') ?></p>
<?php else : ?>
<p class="hint"><?= $t('Constant and well measured, and the most similar in place, magnitude and colour.') ?></p>
<ul class="comparisons">
<?php foreach ($comparisons as ['comparison' => $comparison, 'curve' => $curve]) : ?>
    <li><a href="star.php?id=<?= $e($comparison->star->id) ?>"><?= $t('Star {id}', ['id' => $comparison->star->id]) ?></a>
        <?= $t('{mag}, {distance} away, scatter {scatter}', [
            'mag' => SkyFormat::number($texts, $comparison->mean->mag, 2, 'mag'),
            'distance' => SkyFormat::number($texts, 60.0 * $comparison->distance, 1, '′'),
            'scatter' => SkyFormat::number($texts, $comparison->mean->scatter, 3, 'mag'),
        ]) ?><?= $curve === null ? '' : "\n$curve" ?></li>
<?php endforeach ?>
</ul>
<?php endif ?>
