<?php
/**
 * @var CrowdSky\Pages\Stars\ChartPair $pair
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<div class="pair">
<?php foreach ($pair->charts as $chart) : ?>
    <figure>
<?= $chart['svg'] ?>

        <figcaption><?= $e($chart['caption']) ?>, <?= $e(SkyFormat::day($texts, $chart['mjd'])) ?>,
            <a href="stack.php?id=<?= $e($chart['stackId']) ?>"><?= $t('stack {id}', ['id' => $chart['stackId']]) ?></a></figcaption>
    </figure>
<?php endforeach ?>
</div>
<p class="hint"><?= $pair->isOneStretch ? $t('Equal light looks equal in these pictures.') : $t('Each picture is stretched by itself: compare the star with its neighbours.') ?></p>
