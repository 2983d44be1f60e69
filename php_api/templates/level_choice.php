<?php
/**
 * @var string $name  for those who cannot see where it stands
 * @var CrowdSky\Workers\TrustLevel $level  the one chosen
 * @var Closure $e
 */
use CrowdSky\Workers\TrustLevel;

?>
<select name="level" aria-label="<?= $e($name) ?>">
<?php foreach (TrustLevel::cases() as $choice) : ?>
    <option<?= $choice === $level ? ' selected' : '' ?>><?= $e($choice->value) ?></option>
<?php endforeach ?>
</select>
