<?php
/**
 * @var CrowdSky\Pages\Plot\Plot $drawing
 * @var Closure $e
 */
?>
<figure class="plot-figure">
<?= $drawing->svg ?>

    <figcaption>
        <ul class="key">
<?php foreach ($drawing->key as $entry) : ?>
            <li><?= $entry['symbol'] ?> <?= $e($entry['text']) ?></li>
<?php endforeach ?>
        </ul>
<?php foreach ($drawing->notes as $note) : ?>
        <p><?= $e($note) ?></p>
<?php endforeach ?>
    </figcaption>
</figure>
